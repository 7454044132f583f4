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
  /** `record begins`, with the names of the lines where it is not that of all. */
  readonly label: string
}

/** True where a window shows time of which nothing is held any more. */
export const beginsWithin = (heldFrom: number, from: number): boolean => heldFrom > from + LATE_SECONDS

/** A line, and what is known of its record. */
interface Recorded extends FieldRef {
  readonly record: { peek(): Pick<HistoryRecord, 'heldFrom'> | undefined }
}

/** Where the records of some lines begin inside a window, earliest first. */
export function recordBeginsOf(all: readonly Recorded[], { from, to }: Bounds): readonly RecordBegin[] {
  const groups: { at: number; names: string[] }[] = []
  const begins = all.flatMap(one => {
    const at = one.record.peek()?.heldFrom
    return at === undefined || !beginsWithin(at, from) ? [] : [{ at, name: fieldNameOf(one) }]
  })
  for (const { at, name } of begins.sort((a, b) => a.at - b.at)) {
    const last = groups.at(-1)
    if (last !== undefined && at - last.at < (to - from) * NEAR) last.names.push(name)
    else groups.push({ at, names: [name] })
  }
  return groups.map(({ at, names }) => ({
    at,
    label: names.length === all.length ? 'record begins' : `record of ${names.join(', ')} begins`
  }))
}
