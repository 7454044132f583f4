import type { FetchAnswer } from './fetch-shapes.ts'

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null

/**
 * The answer to a fetch of which some partitions have errors: the client throws, and what the others sent lies in
 * the error. Undefined where there was no answer.
 */
export function partialAnswerOf(error: unknown): FetchAnswer | undefined {
  if (!isRecord(error)) return undefined
  if (isRecord(error['response'])) return error['response'] as unknown as FetchAnswer
  const inner = Array.isArray(error['errors']) ? error['errors'] : []
  return inner.map(partialAnswerOf).find(answer => answer !== undefined)
}

/** What the answer for a partition says. */
export type PartitionState = 'good' | 'out of range' | 'moved'

/** Errors of a partition, as Kafka's protocol numbers them. */
const NONE = 0
const OFFSET_OUT_OF_RANGE = 1

/** Anything but a wrong offset is a leader or a topic that has changed: where it is now must be asked for. */
export function stateOf(errorCode: number): PartitionState {
  if (errorCode === NONE) return 'good'
  return errorCode === OFFSET_OUT_OF_RANGE ? 'out of range' : 'moved'
}
