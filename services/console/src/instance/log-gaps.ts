import type { EventsAnswer } from '@meridian/protocol/http'
import { preciseTextOf } from '../format/stamp.ts'
import type { LogEntry } from './log-entry.ts'

/**
 * A time of which a log lacks events that are on the record: those received after `after` (-Infinity: all from
 * before the page was opened) and before `before`, TAI seconds. Of the topics' last values some may stand there.
 */
export interface LogGap {
  readonly after: number
  readonly before: number
}

/**
 * What lists of the record leave out that were to reach back to `after`: a list that holds not all begins at its
 * oldest event. Of several lists the one that begins last decides. Undefined where nothing is left out.
 */
export function gapOf(
  answers: readonly Pick<EventsAnswer, 'events' | 'complete'>[],
  after: number
): LogGap | undefined {
  const begins = answers
    .filter(({ complete }) => !complete)
    .map(({ events }) => events.at(-1)?.received ?? Number.POSITIVE_INFINITY)
  const before = Math.max(Number.NEGATIVE_INFINITY, ...begins)
  return before > after ? { after, before } : undefined
}

/** Lines of a log, newest first, with each gap in its place. */
export function withGaps(
  entries: readonly LogEntry[],
  gaps: readonly LogGap[]
): readonly (LogEntry | LogGap)[] {
  const all: (LogEntry | LogGap)[] = [...entries]
  for (const gap of gaps) {
    const at = all.findIndex(item => 'received' in item && item.received < gap.before)
    all.splice(at < 0 ? all.length : at, 0, gap)
  }
  return all
}

/** What a gap says in its place. */
export function gapText({ after, before }: LogGap): string {
  const until = Number.isFinite(before) ? `${preciseTextOf(before)} UTC` : 'this page was opened'
  const time = Number.isFinite(after) ? `Between ${preciseTextOf(after)} and ${until}` : `Before ${until}`
  return `${time} not all events are shown; the record has them.`
}
