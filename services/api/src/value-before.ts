import {
  type Broker,
  messagesBySubject,
  previousMessage,
  type StreamMessage,
  streamState
} from '@meridian/broker'
import type { StampedValue, ValueReader } from './values.ts'

/** The last value before a history: one, none at all, or not known. */
export type ValueBefore =
  | { readonly state: 'value'; readonly value: StampedValue }
  | { readonly state: 'none' | 'unknown' }

/** The stream and topic whose last value is sought, and the moment before which. */
export interface BeforeOptions {
  readonly broker: Broker
  readonly stream: string
  readonly topic: string
  /** What was stored after it is not looked at. */
  readonly untilUs: number
  readonly read: ValueReader
}

/** Messages without the field that are passed over before the search is given up. */
const MOST_MESSAGES = 5

/** Looks for the last value that was stored up to an instant. Throws the broker's errors. */
export async function findValueBefore(options: BeforeOptions): Promise<ValueBefore> {
  const { broker, stream, topic: subject, read, untilUs } = options
  let message = await previousMessage(broker, stream, { subject, upTo: { timeUs: untilUs } })
  for (let tries = 1; message !== undefined; tries++) {
    const value = read(message)
    if (value !== undefined) return { state: 'value', value }
    if (tries === MOST_MESSAGES) return { state: 'unknown' }
    message = await beforeOf(options, message)
  }
  return { state: (await mayHaveLost(options)) ? 'unknown' : 'none' }
}

const beforeOf = async (
  { broker, stream, topic: subject }: BeforeOptions,
  { seq }: StreamMessage
): Promise<StreamMessage | undefined> =>
  seq > 1 ? previousMessage(broker, stream, { subject, upTo: { seq: seq - 1 } }) : undefined

/** Whether the stream may have held messages of the subject that it removed: by age, by size or by number. */
async function mayHaveLost({ broker, stream, topic }: BeforeOptions): Promise<boolean> {
  const state = await streamState(broker, stream)
  const held = await messagesBySubject(broker, stream, topic)
  return hasRemoved(state, held.get(topic) ?? 0)
}

/** Whether a stream may have held more messages of a subject than the `held` ones that it holds. */
export const hasRemoved = (
  { firstSeq, maxPerSubject }: { readonly firstSeq: number; readonly maxPerSubject: number },
  held: number
): boolean => firstSeq > 1 || held >= maxPerSubject
