import type { EventsAnswer, RecordedEvent } from '@meridian/protocol/http'
import { type ReadonlySignal, signal } from '@preact/signals'
import { readEvents } from '../api.ts'
import { askUntilAnswered } from '../ask-until-answered.ts'
import type { Reading } from '../session/reading.ts'
import type { EventLog } from './event-log.ts'
import { gapOf, type LogGap } from './log-gaps.ts'

/**
 * What a log has of before it was opened, or of while nobody listened. waiting: nobody answered yet; known: the
 * record was read, which begins at `heldFrom` (TAI seconds, undefined while it is empty), and the log has all of it
 * but for `gaps`; refused: it may not be read, for the reason `why`.
 */
export type PastState =
  | { readonly kind: 'reading' }
  | { readonly kind: 'waiting' }
  | { readonly kind: 'refused'; readonly why: string }
  | { readonly kind: 'known'; readonly heldFrom: number | undefined; readonly gaps: readonly LogGap[] }

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

/** Events of several records, newest first. */
const eventsOf = (answers: readonly EventsAnswer[]): readonly RecordedEvent[] =>
  answers.flatMap(({ events }) => events).sort((a, b) => b.received - a.received)

/** Several records begin where the oldest of them does; undefined while all are empty. */
function beginningOf(answers: readonly EventsAnswer[]): number | undefined {
  const begins = answers.map(({ heldFrom }) => heldFrom).filter(heldFrom => heldFrom !== null)
  return begins.length === 0 ? undefined : Math.min(...begins)
}

/** Creates the reader of a log's past; nothing is asked for before `read`. */
export function createPastEvents(log: EventLog, reading: Reading): PastEvents {
  const state = signal<PastState>({ kind: 'reading' })
  const gaps: LogGap[] = []
  /** Since when the log lacks what a read that is not answered yet was to bring. */
  let unread = Number.POSITIVE_INFINITY
  let stop = (): void => undefined

  function take(answers: readonly EventsAnswer[]): void {
    log.addRecorded(eventsOf(answers), unread)
    const gap = gapOf(answers, unread)
    if (gap !== undefined) gaps.push(gap)
    unread = Number.POSITIVE_INFINITY
    state.value = { kind: 'known', heldFrom: beginningOf(answers), gaps: [...gaps] }
  }

  function refuse(why: string): void {
    state.value = { kind: 'refused', why }
  }

  function ask(patterns: readonly string[]): () => void {
    return askUntilAnswered({
      ask: given => Promise.all(byRecord(patterns).map(group => readEvents(group, WANTED, given))),
      onAnswer: take,
      onFailure() {
        state.value = { kind: 'waiting' }
      },
      onForbidden: ({ message }) => refuse(message)
    })
  }

  return {
    state,
    read(patterns, after = Number.NEGATIVE_INFINITY) {
      stop()
      const refusal = reading.refusalOf(patterns)
      if (refusal !== undefined) return refuse(refusal)
      unread = Math.min(unread, after)
      stop = ask(patterns.filter(reading.may))
    },
    close() {
      stop()
    }
  }
}
