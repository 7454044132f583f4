import type { AckRecord, ExecReply, IntakeRecord } from '@meridian/protocol'
import { SAL_ACK } from '@meridian/protocol'
import { isObject } from './payload.ts'

/** The stream that holds the record of all commands. */
export const COMMANDS = 'COMMANDS'

/** SAL's part of a stage: what a component's acknowledgement says. */
export interface Stage {
  readonly state: AckRecord['state']
  readonly ack?: number
  readonly error?: number
  readonly result?: string
  readonly timeoutSeconds?: number
}

const decoder = new TextDecoder()
const MAX_RESULT = 2_000
/** Longest time that an acknowledgement may ask for, seconds. */
const MAX_TIMEOUT_SECONDS = 86_400

const STATES: Readonly<Record<number, AckRecord['state']>> = {
  [SAL_ACK.CMD_ACK]: 'inProgress',
  [SAL_ACK.CMD_INPROGRESS]: 'inProgress',
  // Some components end with it, others go on [specs/sal.md 5]: so it is no end, and silence after it is a timeout.
  [SAL_ACK.CMD_STALLED]: 'inProgress',
  [SAL_ACK.CMD_COMPLETE]: 'complete',
  [SAL_ACK.CMD_NOPERM]: 'refused',
  [SAL_ACK.CMD_NOACK]: 'noack',
  [SAL_ACK.CMD_FAILED]: 'failed',
  [SAL_ACK.CMD_ABORTED]: 'aborted',
  [SAL_ACK.CMD_TIMEOUT]: 'timeout'
}

/** The stage that a component's reply means; undefined where it is no acknowledgement. */
export function stageOf(data: Uint8Array): Stage | undefined {
  const reply = parse(data) as Partial<ExecReply> | undefined
  const state = typeof reply?.ack === 'number' ? STATES[reply.ack] : undefined
  if (reply === undefined || state === undefined) return undefined
  const { ack, error, result, timeout } = reply
  return {
    state,
    ...(ack !== undefined && { ack }),
    ...(Number.isInteger(error) && { error: error as number }),
    ...(typeof result === 'string' && { result: result.slice(0, MAX_RESULT) }),
    ...(isTimeout(timeout) && { timeoutSeconds: Math.min(timeout, MAX_TIMEOUT_SECONDS) })
  }
}

const isTimeout = (value: unknown): value is number =>
  typeof value === 'number' && Number.isFinite(value) && value >= 0

/** Reads an accepted command out of the stream; undefined where it is not one. */
export function intakeOfBytes(data: Uint8Array): IntakeRecord | undefined {
  const value = parse(data)
  const sound =
    value !== undefined &&
    ['id', 'csc', 'command'].every(name => typeof value[name] === 'string') &&
    ['index', 'notAfter', 'acceptedAt'].every(name => typeof value[name] === 'number') &&
    isObject(value['params'])
  return sound ? (value as unknown as IntakeRecord) : undefined
}

/** Reads a stage out of the stream; undefined where it is not one. */
export function ackOfBytes(data: Uint8Array): AckRecord | undefined {
  const value = parse(data)
  const sound =
    value !== undefined &&
    ['id', 'csc', 'command', 'state', 'commander', 'boot'].every(name => typeof value[name] === 'string') &&
    ['index', 'time'].every(name => typeof value[name] === 'number')
  return sound ? (value as unknown as AckRecord) : undefined
}

function parse(data: Uint8Array): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(decoder.decode(data))
    return isObject(value) ? value : undefined
  } catch {
    return undefined
  }
}

/** JSON with keys in one order, so that equal contents are equal texts. */
export function canonical(value: unknown): string {
  return JSON.stringify(value, (_key, inner: unknown) =>
    isObject(inner) ? Object.fromEntries(Object.entries(inner).sort(byKey)) : inner
  )
}

const byKey = ([a]: [string, unknown], [b]: [string, unknown]): number => (a < b ? -1 : 1)
