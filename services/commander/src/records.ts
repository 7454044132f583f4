import {
  type AckRecord,
  type ExecReply,
  exactJsonOf,
  isObject,
  type SalAckCode,
  stateOfAck
} from '@meridian/protocol/commands'
import { subjectTable } from '@meridian/subjects'

/** The stream that holds the record of all commands. */
export const COMMANDS = subjectTable.intake.stream

/** Stages in progress that are stored of one command; what a component says beyond them is not. */
export const MAX_STAGES = 1_000

/** SAL's part of a stage: what a component's acknowledgement says. */
export type Stage = Pick<AckRecord, 'state' | 'ack' | 'error' | 'result' | 'timeoutSeconds' | 'unserved'>

/** The stage that a component's reply stands for. */
export function stageOf({ timeout, ...reply }: ExecReply & { readonly ack: SalAckCode }): Stage {
  return { state: stateOfAck(reply.ack), ...reply, ...(timeout !== undefined && { timeoutSeconds: timeout }) }
}

/** JSON with keys in one order, so that equal contents are equal texts. */
export const canonical = (value: unknown): string => exactJsonOf(sorted(value))

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted)
  if (!isObject(value)) return value
  return Object.fromEntries(
    Object.entries(value)
      .sort(byKey)
      .map(([key, inner]) => [key, sorted(inner)])
  )
}

const byKey = ([a]: [string, unknown], [b]: [string, unknown]): number => (a < b ? -1 : 1)
