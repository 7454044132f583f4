import type { EventsAnswer } from '@meridian/protocol/http'
import { type ReadonlySignal, signal } from '@preact/signals'
import { readEvents } from '../api.ts'
import { askUntilAnswered } from '../ask-until-answered.ts'
import type { EventLog } from './event-log.ts'

/**
 * What a log has of before it was opened. waiting: nobody answered yet; known: the record was read, which
 * begins at `heldFrom` (TAI seconds, undefined while it is empty), and `isWhole` says whether the log has all of it.
 */
export type PastState =
  | { readonly kind: 'reading' }
  | { readonly kind: 'waiting' }
  | { readonly kind: 'known'; readonly heldFrom: number | undefined; readonly isWhole: boolean }

/** Fills a log from the record of events, until it is answered. */
export interface PastEvents {
  readonly state: ReadonlySignal<PastState>
  /** Reads the newest events that match the patterns and were received after `after`, TAI seconds. */
  read(patterns: readonly string[], after?: number): void
  close(): void
}

/** Events asked for: some screens full. */
const WANTED = 300

/** Events of components and of scripts are on two records, and the api is asked for each apart. */
function byRecord(patterns: readonly string[]): readonly (readonly string[])[] {
  const [ofScripts, others] = [true, false].map(is =>
    patterns.filter(one => one.startsWith('script.') === is)
  )
  return [others ?? [], ofScripts ?? []].filter(group => group.length > 0)
}

/** What several records answer, as one: it begins where the oldest of them does, and is whole if all are. */
function together(answers: readonly EventsAnswer[]): EventsAnswer {
  const begins = answers.map(({ heldFrom }) => heldFrom).filter(heldFrom => heldFrom !== null)
  return {
    events: answers.flatMap(({ events }) => events).sort((a, b) => b.received - a.received),
    heldFrom: begins.length === 0 ? null : Math.min(...begins),
    complete: answers.every(({ complete }) => complete)
  }
}

/** Creates the reader of a log's past; nothing is asked for before `read`. */
export function createPastEvents(log: EventLog): PastEvents {
  const state = signal<PastState>({ kind: 'reading' })
  let stop = (): void => undefined
  return {
    state,
    read(patterns, after) {
      stop()
      stop = askUntilAnswered({
        ask: async given =>
          together(await Promise.all(byRecord(patterns).map(group => readEvents(group, WANTED, given)))),
        onAnswer({ events, heldFrom, complete }) {
          log.addRecorded(events, after)
          state.value = { kind: 'known', heldFrom: heldFrom ?? undefined, isWhole: complete }
        },
        onFailure() {
          state.value = { kind: 'waiting' }
        }
      })
    },
    close() {
      stop()
    }
  }
}
