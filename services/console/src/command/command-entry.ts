import type { WireError } from '@meridian/errors'
import {
  type AckRecord,
  type CommandAccepted,
  type CommandHistory,
  type CommandState,
  type IntakeRecord,
  isTerminal,
  SAL_ACK
} from '@meridian/protocol/commands'
import { instanceIdOf } from '../site/instance-model.ts'
import { type StopWarning, warningOf } from './stop-warning.ts'

/**
 * One command of this page, as far as it got. sending: on its way to a commander; then the states of the
 * record, from `accepted` on; notAccepted: it was refused, nothing was sent; unanswered: nobody said whether
 * it was accepted; untracked: accepted, but its stages can no longer be followed here. Of these two the record is
 * asked what happened, which leads on to its states, or from unanswered to notAccepted.
 */
export type EntryState = 'sending' | CommandState | 'notAccepted' | 'unanswered' | 'untracked'

/** One stage of a command, as the list of sent commands shows it. */
export interface Step {
  readonly state: EntryState
  /** TAI seconds; absent where no record has one. */
  readonly time: number | undefined
  readonly detail: string
}

/** A command and its stages, oldest first. */
export interface CommandEntry {
  readonly id: string
  readonly target: string
  readonly command: string
  readonly params: Readonly<Record<string, unknown>>
  readonly steps: readonly Step[]
  /** TAI seconds by which the next stage is due. */
  readonly dueTai: number | undefined
  readonly error: WireError | undefined
  /** Who asked, as the record has it; undefined as long as only this page tells of it. */
  readonly principal: string | undefined
  /** What the commander said when it accepted a stop that it would have refused as any other command. */
  readonly warning: StopWarning | undefined
  /** The door by which it was accepted, as far as this page knows. */
  readonly door: Door | undefined
}

/** A way from this page to the commanders: over the gateway's socket, or by HTTP to the api. */
export type Door = 'gateway' | 'api'

/** Errors after which a command may have been accepted all the same. */
const OPEN_ERRORS: ReadonlySet<string> = new Set([
  'SDK_COMMAND_UNANSWERED',
  'SDK_REFUSED',
  'SDK_CLOSED',
  'BRK_TIMEOUT',
  'BRK_UNAVAILABLE',
  'CMD_BAD_ANSWER',
  'GEN_INTERNAL',
  'CON_API_UNREACHABLE'
])

/** True for an error that leaves open whether the command was accepted. */
export const isOpenError = ({ code }: Pick<WireError, 'code'>): boolean => OPEN_ERRORS.has(code)

const SAL_NAMES: ReadonlyMap<number, string> = new Map(
  Object.entries(SAL_ACK).map(([name, code]) => [code, name])
)

/** A SAL acknowledgement in words: its name, code, error and result. */
export function ackText(record: Pick<AckRecord, 'ack' | 'error' | 'result'>): string {
  const { ack, error, result } = record
  const code = ack === undefined ? '' : `${SAL_NAMES.get(ack) ?? 'SAL'} ${ack}`
  return [code, error ? `error ${error}` : '', result ?? ''].filter(part => part !== '').join(' · ')
}

/** What a stage says; a command that was sent may be carried out though nobody acknowledged it in time. */
function detailOf(record: AckRecord): string {
  const text = ackText(record)
  if (record.state !== 'noack' || record.unserved === true) return text
  return `sent; ${text || 'no acknowledgement'}: it may still be carried out`
}

/** A command that was just sent. */
export const sentEntry = (
  sent: Pick<CommandEntry, 'id' | 'target' | 'command' | 'params'>,
  time: number
): CommandEntry => ({
  ...sent,
  steps: [{ state: 'sending', time, detail: '' }],
  dueTai: undefined,
  error: undefined,
  principal: undefined,
  warning: undefined,
  door: undefined
})

/** The entry of a command on the record with its stages, oldest first. */
export const recordedEntry = (intake: IntakeRecord, stages: readonly AckRecord[]): CommandEntry =>
  stages.reduce(withStage, {
    id: intake.id,
    target: instanceIdOf(intake.csc, intake.index),
    command: intake.command,
    params: intake.params,
    steps: [{ state: 'accepted', time: intake.acceptedAt, detail: '' }],
    dueTai: intake.notAfter,
    error: undefined,
    principal: intake.principal,
    warning: undefined,
    door: undefined
  })

/** The commander took it: it is recorded. */
export const withAccepted = (entry: CommandEntry, accepted: CommandAccepted, door: Door): CommandEntry => ({
  ...entry,
  door,
  dueTai: accepted.notAfter,
  warning: warningOf(accepted),
  steps: [
    ...entry.steps.filter(step => step.state === 'sending'),
    { state: 'accepted', time: accepted.acceptedAt, detail: accepted.duplicate ? 'was accepted before' : '' },
    ...entry.steps.filter(step => step.state !== 'sending' && step.state !== 'accepted')
  ]
})

/** The entry with one more stage and the time by which the next is due; a stage comes by two ways once. */
export function withStage(entry: CommandEntry, record: AckRecord): CommandEntry {
  const { state, time, timeoutSeconds } = record
  if (entry.steps.some(step => step.state === state && step.time === time)) return entry
  return {
    ...entry,
    dueTai: timeoutSeconds === undefined || isTerminal(state) ? undefined : time + timeoutSeconds,
    steps: [...entry.steps, { state, time, detail: detailOf(record) }]
  }
}

/** It was refused, or lost from sight after it was accepted. */
export const withError = (entry: CommandEntry, error: WireError): CommandEntry => {
  const isAccepted = entry.steps.some(step => step.state === 'accepted')
  const unaccepted = isOpenError(error) ? 'unanswered' : 'notAccepted'
  const state = isAccepted ? 'untracked' : unaccepted
  return {
    ...entry,
    error,
    dueTai: undefined,
    steps: [...entry.steps, { state, time: undefined, detail: error.message }]
  }
}

const DOORS: Readonly<Record<string, Door>> = { gateway: 'gateway', api: 'api' }

/** It was found on the record after it was lost from sight; stages that are known come once. */
export function withRecord(entry: CommandEntry, { intake, stages }: CommandHistory): CommandEntry {
  const isAccepted = entry.steps.some(step => step.state === 'accepted')
  const accepted: Step = { state: 'accepted', time: intake.acceptedAt, detail: 'found on the record' }
  const found: CommandEntry = {
    ...entry,
    door: entry.door ?? DOORS[intake.door],
    principal: intake.principal,
    steps: isAccepted ? entry.steps : [...entry.steps, accepted]
  }
  return { ...stages.reduce(withStage, found), dueTai: recordedEntry(intake, stages).dueTai }
}

/** The record has no command of this id, and can have none any more; one that was accepted it has lost. */
export function withoutRecord(entry: CommandEntry): CommandEntry {
  const isAccepted = entry.steps.some(step => step.state === 'accepted')
  const step: Step = isAccepted
    ? { state: 'unknown', time: undefined, detail: 'it was accepted, but the record no longer has it' }
    : {
        state: 'notAccepted',
        time: undefined,
        detail: 'the record has no such command: nothing was accepted'
      }
  return { ...entry, dueTai: undefined, steps: [...entry.steps, step] }
}

/** The stage that a command has reached so far. */
export const stateOf = (entry: CommandEntry): EntryState => entry.steps.at(-1)?.state ?? 'sending'

/** True when no further stage can come. */
export function isSettled(entry: CommandEntry): boolean {
  const state = stateOf(entry)
  if (state === 'sending') return false
  return state === 'notAccepted' || isLost(state) || isTerminal(state)
}

/** True for a state in which only the record can tell what became of the command. */
export const isLost = (state: EntryState): state is 'unanswered' | 'untracked' =>
  state === 'unanswered' || state === 'untracked'

/** When the command was asked for, TAI seconds; of a lost one as far as this page knows. */
export const askedAt = (entry: CommandEntry): number => entry.steps[0]?.time ?? 0

/**
 * All commands to an instance, newest first: those on the record, everybody's, and those of this page that are
 * not there, or of which this page knows more because nothing of the record has come yet.
 */
export function mergedEntries(
  recorded: readonly CommandEntry[],
  own: readonly CommandEntry[]
): readonly CommandEntry[] {
  const ownById = new Map(own.map(entry => [entry.id, entry]))
  const ids = new Set(recorded.map(({ id }) => id))
  const known = recorded.map(entry => {
    const mine = ownById.get(entry.id)
    if (mine === undefined) return entry
    const { principal } = entry
    return knowsMore(mine, entry) ? { ...mine, principal } : { ...entry, warning: mine.warning }
  })
  return [...known, ...own.filter(({ id }) => !ids.has(id))].sort((a, b) => askedAt(b) - askedAt(a))
}

/** This page sees its own commands in any case; the record's messages may be late or not for everybody. */
const knowsMore = (mine: CommandEntry, recorded: CommandEntry): boolean =>
  !isLost(stateOf(mine)) && isSettled(mine) && !isSettled(recorded)

/** What is said of a command that was lost from sight. */
export const LOOK_UP_TEXT = 'the record is asked until it tells what became of it'

/** How a stage looks: the name of its shape. */
export function shapeOfState(state: EntryState): string {
  if (state === 'complete') return 'done'
  if (state === 'sending' || state === 'accepted' || state === 'dispatching' || state === 'inProgress')
    return 'going'
  return state === 'unknown' || isLost(state) || state === 'expired' ? 'warning' : 'critical'
}

/** How a stage is called on the page; final states that need a look are in capitals. */
export const STATE_LABELS: Readonly<Record<EntryState, string>> = {
  sending: 'sending',
  accepted: 'accepted',
  dispatching: 'dispatching',
  inProgress: 'in progress',
  complete: 'COMPLETE',
  failed: 'FAILED',
  aborted: 'ABORTED',
  refused: 'REFUSED by the component',
  expired: 'EXPIRED, never sent',
  noack: 'NO ACKNOWLEDGEMENT',
  timeout: 'TIMEOUT',
  unknown: 'OUTCOME UNKNOWN',
  notAccepted: 'NOT ACCEPTED',
  unanswered: 'NO ANSWER, MAY BE RUNNING',
  untracked: 'NO LONGER FOLLOWED'
}
