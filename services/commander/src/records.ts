import type { StreamMessage } from '@meridian/broker'
import type { AckRecord, ExecReply, IntakeRecord } from '@meridian/protocol/commands'
import { COMMAND_STATES, SAL_ACK } from '@meridian/protocol/commands'
import { parseSubject, partitionOf, type Subject } from '@meridian/subjects'
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
export const MAX_TIMEOUT_SECONDS = 86_400

const STATES: Readonly<Record<number, AckRecord['state']>> = {
  [SAL_ACK.CMD_ACK]: 'inProgress',
  [SAL_ACK.CMD_INPROGRESS]: 'inProgress',
  // Some components end with it, others go on [docs/sal.md#commands]: so it is no end, and silence after it is a timeout.
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
  const reply = objectOf(data) as Partial<ExecReply> | undefined
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

/** A message of the record: whoever reaches the broker may have written it. */
export type RecordMessage = Pick<StreamMessage, 'subject' | 'data'>

/** Reads an accepted command out of the stream; undefined where it is not one, or not the one that its subject names. */
export function intakeOf({ subject, data }: RecordMessage): IntakeRecord | undefined {
  const at = addressOf(subject)
  const value = objectOf(data)
  const sound =
    at?.class === 'intake' &&
    value !== undefined &&
    isAbout(value, at) &&
    at.partition === partitionOf(at) &&
    value['site'] === at.site &&
    areText(value, ['principal', 'door', 'acceptedBy']) &&
    areFinite(value, ['notAfter', 'acceptedAt']) &&
    isObject(value['params'])
  return sound ? (value as unknown as IntakeRecord) : undefined
}

/** Reads a stage out of the stream; undefined where it is not one, or not one of the command that its subject names. */
export function ackOf({ subject, data }: RecordMessage): AckRecord | undefined {
  const at = addressOf(subject)
  const value = objectOf(data)
  const sound =
    at?.class === 'ack' &&
    value !== undefined &&
    isAbout(value, at) &&
    states.has(value['state']) &&
    areText(value, ['commander', 'boot']) &&
    areFinite(value, ['time']) &&
    (value['timeoutSeconds'] === undefined || isTimeout(value['timeoutSeconds']))
  return sound ? (value as unknown as AckRecord) : undefined
}

const states: ReadonlySet<unknown> = new Set(COMMAND_STATES.filter(state => state !== 'accepted'))
const TOKEN = /^[A-Za-z0-9_=-]{1,120}$/

function addressOf(subject: string): Subject | undefined {
  try {
    return parseSubject(subject)
  } catch {
    return undefined
  }
}

/** The command can be addressed, and stands where it belongs. */
function isAbout(
  value: Readonly<Record<string, unknown>>,
  at: { readonly csc: string; readonly index: number; readonly id: string }
): boolean {
  const { id, csc, index, command } = value
  const named = typeof command === 'string' && TOKEN.test(command)
  return named && id === at.id && csc === at.csc && index === at.index
}

const areText = (value: Readonly<Record<string, unknown>>, names: readonly string[]): boolean =>
  names.every(name => typeof value[name] === 'string')

const areFinite = (value: Readonly<Record<string, unknown>>, names: readonly string[]): boolean =>
  names.every(name => Number.isFinite(value[name]))

/** The JSON object that somebody sent; undefined where it is none. */
export function objectOf(data: Uint8Array): Record<string, unknown> | undefined {
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
