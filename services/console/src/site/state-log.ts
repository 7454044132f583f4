import type { RecordedEvent } from '@meridian/protocol/http'
import { readSubject } from '@meridian/subjects'
import { computed, type ReadonlySignal, signal } from '@preact/signals'
import { type Condition, SUMMARY_STATES } from './condition.ts'
import { instanceIdOf } from './instance-model.ts'
import { livenessChangeOf } from './liveness-change.ts'

/** What became of an instance at one moment: another summary state, silence, or its end. */
export interface StateChange {
  readonly id: string
  /** Undefined where the record does not reach back so far. */
  readonly before: Condition | undefined
  readonly after: Condition
  /** It was silent and is heard again; `after` is then the state that it had said last. */
  readonly isBack: boolean
  /** TAI seconds at which the observatory heard of it. */
  readonly time: number
}

/** The latest changes, newest first: those of the record, and those since. */
export interface StateLog {
  readonly entries: ReadonlySignal<readonly StateChange[]>
  /** Takes an event as it comes, or a last value; returns the change that it made, if any. */
  add(event: StateEvent): StateChange | undefined
  /** Takes the record, in stream order, which knows better than any stamp what came after what. */
  recall(record: readonly StateEvent[]): void
}

/** The part of an event that the log reads; a live update has it as well as one of the record. */
export type StateEvent = Pick<RecordedEvent, 'subject' | 'time' | 'received' | 'fields'>

/** As many as a wall display can show. */
const KEPT = 40
/** Events kept to tell changes by; a component that says the same state again takes some. */
const EVENTS_KEPT = 400

/** What one event says: of the state that the instance is in, or whether it lives. */
type Said = { readonly id: string; readonly key: string; readonly time: number } & (
  | { readonly state: Condition }
  | { readonly isAlive: boolean }
)

/** A change, and the event that made it. */
interface Made {
  readonly change: StateChange
  readonly key: string
}

function saidBy(event: StateEvent): Said | undefined {
  const { subject, time, received, fields } = event
  const parts = readSubject(subject)
  const key = `${subject} ${time} ${fields['summaryState'] ?? fields['alive']}`
  if (parts?.class !== 'evt') return undefined
  if (parts.topic === 'summaryState') {
    const state = SUMMARY_STATES[fields['summaryState'] as number]
    return state && { id: instanceIdOf(parts.csc, parts.index), key, time: received, state }
  }
  const change = livenessChangeOf(event)
  return change && { id: change.id, key, time: received, isAlive: change.isAlive }
}

/** What an instance said last, as the log goes through its events. */
interface Last {
  readonly state: Condition | undefined
  readonly isSilent: boolean
}

const NOTHING: Last = { state: undefined, isSilent: false }

const after = (last: Last, said: Said): Last =>
  'state' in said ? { ...last, state: said.state } : { ...last, isSilent: !said.isAlive }

/** The change that an event makes; undefined where it only says again what is known. */
function changeBy(said: Said, { state, isSilent }: Last): StateChange | undefined {
  const { id, time } = said
  if ('state' in said)
    return said.state === state ? undefined : { id, before: state, after: said.state, isBack: false, time }
  if (said.isAlive === !isSilent) return undefined
  if (said.isAlive) return { id, before: 'silent', after: state ?? 'device', isBack: true, time }
  return { id, before: state, after: 'silent', isBack: false, time }
}

/** The changes that events made, oldest first. */
function changesBy(events: readonly Said[]): readonly Made[] {
  const lasts = new Map<string, Last>()
  return events.flatMap(said => {
    const last = lasts.get(said.id) ?? NOTHING
    lasts.set(said.id, after(last, said))
    const change = changeBy(said, last)
    return change === undefined ? [] : [{ change, key: said.key }]
  })
}

/** Puts an event behind those that were heard before it. */
function withAdded(held: readonly Said[], said: Said): readonly Said[] {
  const at = held.findLastIndex(({ time }) => time <= said.time) + 1
  return [...held.slice(0, at), said, ...held.slice(at)]
}

/** The record, between what is older and what has come since it was read. */
function withRecord(held: readonly Said[], record: readonly Said[]): readonly Said[] {
  const keys = new Set(record.map(({ key }) => key))
  const rest = held.filter(({ key }) => !keys.has(key))
  const fromTime = record[0]?.time ?? Number.NEGATIVE_INFINITY
  return [
    ...rest.filter(({ time }) => time < fromTime),
    ...record,
    ...rest.filter(({ time }) => time >= fromTime)
  ]
}

/** Creates an empty log, which keeps the newest 40 changes. */
export function createStateLog(): StateLog {
  const held = signal<readonly Said[]>([])
  const made = computed(() => changesBy(held.value))
  return {
    entries: computed(() =>
      made.value
        .slice(-KEPT)
        .reverse()
        .map(({ change }) => change)
    ),
    add(event) {
      const said = saidBy(event)
      if (said === undefined || held.peek().some(({ key }) => key === said.key)) return undefined
      held.value = withAdded(held.peek(), said).slice(-EVENTS_KEPT)
      return made.peek().find(({ key }) => key === said.key)?.change
    },
    recall(record) {
      const said = record.map(saidBy).filter(one => one !== undefined)
      held.value = withRecord(held.peek(), said).slice(-EVENTS_KEPT)
    }
  }
}
