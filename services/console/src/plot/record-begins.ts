import { type FieldRef, fieldNameOf } from './field-ref.ts'
import type { HistoryRecord } from './plot-series.ts'
import type { Bounds } from './plot-window.ts'

/** Later than this after the window's begin, the begin of the record is worth a word, seconds. */
const LATE_SECONDS = 2

/** Begins that are nearer to each other than this part of the window are drawn as one. */
const NEAR = 0.005

/** A moment before which nothing is held of some lines of a plot. */
export interface RecordBegin {
  /** TAI seconds; after the window where nothing of all it shows is held. */
  readonly at: number
  /** `record begins` or `history not read before`, with the names of the lines where it is not that of all. */
  readonly label: string
}

/** True where a window shows time of which nothing is held any more. */
export const beginsWithin = (heldFrom: number, from: number): boolean => heldFrom > from + LATE_SECONDS

/** What is known of the record of a line. */
type Known = Pick<HistoryRecord, 'heldFrom' | 'isComplete' | 'readFrom' | 'to'>

/** A line, and what is known of its record. */
interface Recorded extends FieldRef {
  readonly record: { peek(): Known | undefined }
}

/** Why there is nothing of a line before a moment: it is not held, or it was not read. */
type Reason = 'begins' | 'unread'

/** The words for lines by name, and without names for all lines of a plot. */
const LABELS: Readonly<Record<Reason, (names?: string) => string>> = {
  begins: names => (names === undefined ? 'record begins' : `record of ${names} begins`),
  unread: names => (names === undefined ? 'history not read before' : `history of ${names} not read before`)
}

/** From when on the values of a line are there, and why not before. Time that was not read is not empty. */
function beginOf({ heldFrom, isComplete, readFrom, to }: Known): { at: number; reason: Reason } | undefined {
  if (!isComplete) return { at: readFrom ?? to, reason: 'unread' }
  return heldFrom === undefined ? undefined : { at: heldFrom, reason: 'begins' }
}

/** Where what is there of some lines begins inside a window, earliest first. */
export function recordBeginsOf(all: readonly Recorded[], { from, to }: Bounds): readonly RecordBegin[] {
  const groups: { at: number; reason: Reason; names: string[] }[] = []
  const begins = all.flatMap(one => {
    const record = one.record.peek()
    const begin = record && beginOf(record)
    return begin === undefined || !beginsWithin(begin.at, from) ? [] : [{ ...begin, name: fieldNameOf(one) }]
  })
  for (const { at, reason, name } of begins.sort((a, b) => a.at - b.at)) {
    const last = groups.at(-1)
    if (last?.reason === reason && at - last.at < (to - from) * NEAR) last.names.push(name)
    else groups.push({ at, reason, names: [name] })
  }
  return groups.map(({ at, reason, names }) => ({
    at,
    label: LABELS[reason](names.length === all.length ? undefined : names.join(', '))
  }))
}
