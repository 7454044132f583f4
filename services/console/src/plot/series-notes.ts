import { utcMsOf } from '@meridian/time'
import { dateTextOf, preciseTextOf } from '../format/stamp.ts'
import type { Outlier } from './live-values.ts'
import type { HistoryRecord, HistoryState } from './plot-series.ts'
import { beginsWithin } from './record-begins.ts'

/** What decides what has to be said about a line beside its values. */
export interface Told {
  readonly isHeld: boolean
  readonly state: HistoryState
  /** Of the last answer; undefined before there was one. */
  readonly record: HistoryRecord | undefined
  /** Samples that came live and were set aside. */
  readonly outliers: readonly Outlier[]
  /** Seconds by which the source's clock is ahead, as far as that was corrected. */
  readonly offset: number
  /** Where the window on show begins, TAI seconds. */
  readonly from: number
}

const secondsText = (seconds: number): string =>
  `${Math.round(Math.abs(seconds)).toLocaleString('en')} s ${seconds > 0 ? 'ahead' : 'behind'}`

/** `03:04:05 UTC`, with the date where that is not the day of `near`. */
function momentText(tai: number, near: number): string {
  const time = `${preciseTextOf(tai).slice(0, 8)} UTC`
  const [day, other] = [tai, near].map(one => dateTextOf(utcMsOf(one)))
  return day === other ? time : `${day} ${time}`
}

function stateNotes(state: HistoryState): readonly string[] {
  if (state.kind === 'loading') return ['loading history']
  return state.kind === 'failed' ? [`history failed: ${state.message}`] : []
}

/** What is held of the window, and what not. */
function recordNotes({ record, from, isHeld }: Told): readonly string[] {
  if (record === undefined) return []
  const { heldFrom, readFrom, isComplete, before } = record
  const notes: string[] = []
  if (heldFrom === undefined) return ['no history held']
  if (beginsWithin(heldFrom, from)) notes.push(`record begins ${momentText(heldFrom, from)}`)
  if (!isComplete) notes.push(`history read back to ${momentText(readFrom ?? record.to, from)} only`)
  if (!isHeld) return notes
  if (before.state === 'value' && before.time < from)
    notes.push(`begins with the value of ${momentText(before.time, from)}`)
  if (before.state === 'unknown' && !beginsWithin(heldFrom, from))
    notes.push('value before the window is not known')
  return notes
}

/** Samples set aside, counted once: those of the record, and those that came live after it. */
function clockNotes({ record, outliers, offset }: Told): readonly string[] {
  const live = outliers.filter(({ received }) => record === undefined || received >= record.to)
  const count = (record?.setAside ?? 0) + live.length
  const off = offset === 0 ? (record?.offset ?? 0) : offset
  const [first] = outliers
  const worst = outliers.reduce(
    (most, { seconds }) => (Math.abs(seconds) > Math.abs(most) ? seconds : most),
    first?.seconds ?? 0
  )
  const stamps = first === undefined ? 'off its clock' : secondsText(worst)
  const aside =
    count === 1
      ? `1 sample set aside: its stamp is ${stamps}`
      : `${count.toLocaleString('en')} samples set aside: their stamps are ${first === undefined ? stamps : `up to ${stamps}`}`
  return [
    ...(count === 0 ? [] : [aside]),
    ...(off === 0 ? [] : [`clock of the source ${secondsText(off)}: times are corrected`])
  ]
}

/** All that has to be said about a line, most urgent first: what is missing of it, and what was done to it. */
export const seriesNotes = (told: Told): readonly string[] => [
  ...stateNotes(told.state),
  ...clockNotes(told),
  ...recordNotes(told)
]
