import type { WireError } from '@meridian/errors'
import {
  type AckRecord,
  type CommandAccepted,
  type CommandState,
  isTerminal,
  SAL_ACK
} from '@meridian/protocol/commands'

/**
 * One command of this page, as far as it got. sending: on its way to a commander; then the states of the
 * record, from `accepted` on; refused: it was not accepted, nothing was sent; untracked: accepted, but its
 * stages can no longer be followed here.
 */
export type EntryState = 'sending' | CommandState | 'notAccepted' | 'untracked'

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
}

const SAL_NAMES: ReadonlyMap<number, string> = new Map(
  Object.entries(SAL_ACK).map(([name, code]) => [code, name])
)

/** A SAL acknowledgement in words: its name, code, error and result. */
export function ackText(record: Pick<AckRecord, 'ack' | 'error' | 'result'>): string {
  const { ack, error, result } = record
  const code = ack === undefined ? '' : `${SAL_NAMES.get(ack) ?? 'SAL'} ${ack}`
  return [code, error ? `error ${error}` : '', result ?? ''].filter(part => part !== '').join(' · ')
}

/** A command that was just sent. */
export const sentEntry = (
  sent: Pick<CommandEntry, 'id' | 'target' | 'command' | 'params'>,
  time: number
): CommandEntry => ({
  ...sent,
  steps: [{ state: 'sending', time, detail: '' }],
  dueTai: undefined,
  error: undefined
})

/** The commander took it: it is recorded. */
export const withAccepted = (entry: CommandEntry, accepted: CommandAccepted): CommandEntry => ({
  ...entry,
  dueTai: accepted.notAfter,
  steps: [
    ...entry.steps.filter(step => step.state === 'sending'),
    { state: 'accepted', time: accepted.acceptedAt, detail: accepted.duplicate ? 'was accepted before' : '' },
    ...entry.steps.filter(step => step.state !== 'sending' && step.state !== 'accepted')
  ]
})

/** The entry with one more stage and the time by which the next is due. */
export const withStage = (entry: CommandEntry, record: AckRecord): CommandEntry => ({
  ...entry,
  dueTai:
    record.timeoutSeconds === undefined || isTerminal(record.state)
      ? undefined
      : record.time + record.timeoutSeconds,
  steps: [...entry.steps, { state: record.state, time: record.time, detail: ackText(record) }]
})

/** It was refused, or lost from sight after it was accepted. */
export const withError = (entry: CommandEntry, error: WireError): CommandEntry => {
  const accepted = entry.steps.some(step => step.state === 'accepted')
  const state = accepted ? 'untracked' : 'notAccepted'
  return {
    ...entry,
    error,
    dueTai: undefined,
    steps: [...entry.steps, { state, time: undefined, detail: error.message }]
  }
}

/** The stage that a command has reached so far. */
export const stateOf = (entry: CommandEntry): EntryState => entry.steps.at(-1)?.state ?? 'sending'

/** True when no further stage can come. */
export function isSettled(entry: CommandEntry): boolean {
  const state = stateOf(entry)
  if (state === 'sending') return false
  return state === 'notAccepted' || state === 'untracked' || isTerminal(state)
}

/** How a stage looks: the name of its shape. */
export function shapeOfState(state: EntryState): string {
  if (state === 'complete') return 'done'
  if (state === 'sending' || state === 'accepted' || state === 'dispatching' || state === 'inProgress')
    return 'going'
  return state === 'unknown' || state === 'untracked' || state === 'expired' ? 'warning' : 'critical'
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
  untracked: 'NO LONGER FOLLOWED'
}
