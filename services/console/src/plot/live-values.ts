import type { Update } from '@meridian/client'
import type { HistoryAnswer, HistoryWaiting } from '@meridian/protocol/http'
import { createSourceClock, isSameTime, type SourceClockState, type SourceStamps } from '@meridian/time'
import { signal } from '@preact/signals'
import { type FieldRef, fieldValueOf } from './field-ref.ts'
import { insertSample, removeSample, type SeriesBuffer } from './series-buffer.ts'

/** A live sample that was set aside, because its stamp is far off the clock of its source. */
export interface Outlier {
  /** TAI seconds. */
  readonly received: number
  /** By how much the stamp is ahead. */
  readonly seconds: number
}

/** Outliers remembered; more of them say nothing new. */
const KEPT_OUTLIERS = 1000
/** As many as come while an answer is on its way, and more. */
const KEPT_RECENT = 4000

/** A sample as it came; TAI seconds. */
interface LiveSample extends SourceStamps {
  readonly value: number
  /** The time that it is shown at; undefined while it is set aside. */
  at: number | undefined
}

/** A value as a number to draw; undefined where it is none. */
export function drawable(value: unknown): number | undefined {
  if (typeof value === 'boolean') return Number(value)
  return typeof value === 'number' || typeof value === 'bigint' ? Number(value) : undefined
}

function sampleOf([source, received, value]: HistoryWaiting): LiveSample {
  return { source, received, value: value === null ? Number.NaN : Number(value), at: undefined }
}

const stateOf = ({ waiting, ...state }: HistoryAnswer['clock']['judge']): SourceClockState<LiveSample> => ({
  ...state,
  waiting: waiting.map(one => ({ sample: sampleOf(one), age: one[3] }))
})

const isWaiting = ({ waiting }: HistoryAnswer['clock']['judge'], { source, value }: LiveSample): boolean =>
  waiting.some(one => one[0] === source && Object.is(sampleOf(one).value, value))

const outlierOf = ({ source, received }: SourceStamps): Outlier => ({ received, seconds: source - received })

const isOutlier = (one: Outlier, sample: SourceStamps): boolean =>
  one.received === sample.received && one.seconds === sample.source - sample.received

/** The buffer that live values of a line go to, and who is told of those that come late. */
export interface LiveValuesParts {
  readonly buffer: SeriesBuffer
  /** Called with the time of receipt of a sample that was set aside and is shown nevertheless, TAI seconds. */
  onShownAfterAll(received: number): void
}

/** True where an answer has all that came before the first of the samples since. */
function isContinued(
  { differences, lastReceived }: HistoryAnswer['clock']['judge'],
  first: LiveSample | undefined
): boolean {
  if (differences.length === 0 || first === undefined) return differences.length > 0
  return lastReceived >= first.received || isSameTime(first.received, lastReceived)
}

/** Puts back what the answer to a question about the past has replaced. */
function putBack(buffer: SeriesBuffer, recent: readonly LiveSample[], to: number): void {
  for (const { at, value } of recent) if (at !== undefined && at < to) insertSample(buffer, at, value)
}

/** Takes out what was judged without knowing the past: it may have gone to a wrong place. */
function takeBack(buffer: SeriesBuffer, recent: readonly LiveSample[], to: number): void {
  for (const { at } of recent) if (at !== undefined && at >= to) removeSample(buffer, at)
}

/** Live values: put into the buffer by their source's clock, as far as that can be believed. */
export function createLiveValues(ref: FieldRef, { buffer, onShownAfterAll }: LiveValuesParts) {
  const latest = signal<unknown>(undefined)
  const outliers = signal<readonly Outlier[]>([])
  let clock = createSourceClock<LiveSample>(showAfterAll)
  let latestAt = Number.NEGATIVE_INFINITY
  let shown = 0
  /** What came since history was asked for, and the one before: the answer may not have it yet. */
  const recent: LiveSample[] = []

  function show(sample: LiveSample, at: number): void {
    sample.at = at
    latestAt = Math.max(latestAt, at)
    shown++
    insertSample(buffer, at, sample.value)
  }

  function showAfterAll(sample: LiveSample, at: number): void {
    show(sample, at)
    outliers.value = outliers.peek().filter(one => !isOutlier(one, sample))
    onShownAfterAll(sample.received)
  }

  function judge(sample: LiveSample): void {
    const at = clock.take(sample)
    if (at === undefined) outliers.value = [...outliers.peek().slice(-KEPT_OUTLIERS), outlierOf(sample)]
    else show(sample, at)
  }

  /** True where there is more to draw. */
  function take({ time, received, fields }: Pick<Update, 'time' | 'received' | 'fields'>): boolean {
    const raw = fieldValueOf(fields, ref)
    const value = drawable(raw)
    // What is no number to draw is the latest value all the same.
    if (value === undefined) {
      latest.value = raw
      return false
    }
    const sample: LiveSample = { source: time, received, value, at: undefined }
    const before = { shown, latestAt }
    recent.push(sample)
    if (recent.length > KEPT_RECENT) recent.shift()
    judge(sample)
    // A late one is put in its place, and is not the newest.
    if (sample.at === undefined || sample.at >= before.latestAt) latest.value = raw
    return shown > before.shown
  }

  /**
   * Goes on from an answer, which has replaced what stood in its span: what came since it was asked for is put
   * back, judged by what the whole record tells of the clock where the answer reaches to the present.
   */
  function goOnFrom({ to, clock: { judge: state } }: Pick<HistoryAnswer, 'to' | 'clock'>): void {
    if (!isContinued(state, recent[0])) {
      putBack(buffer, recent, to)
      return
    }
    takeBack(buffer, recent, to)
    latestAt = Math.min(latestAt, to)
    clock = createSourceClock(showAfterAll, stateOf(state))
    outliers.value = state.waiting.map(one => outlierOf(sampleOf(one)))
    for (const sample of recent.filter(one => !isWaiting(state, one))) judge(sample)
  }

  return {
    ...{ latest, outliers, take, goOnFrom, clockOffset: () => clock.current().offset },
    forget: () => void recent.splice(0, recent.length - 1)
  }
}
