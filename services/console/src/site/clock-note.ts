import { taiSecondsOf } from '@meridian/time'

/** Clocks that agree within this, seconds, are right; messages take some time on their way as well. */
const TOLERANCE_S = 2
/** How near to a known difference a clock must be to bear its name, seconds. */
const NEAR_S = 1.5

/** Time scales that a source may stamp in where TAI is due, by how far they lie behind it, seconds. */
const SCALES: ReadonlyArray<readonly [name: string, behindS: number]> = [
  ['UTC', taiSecondsOf(Date.UTC(2017, 0, 1)) - Date.UTC(2017, 0, 1) / 1000],
  ['GPS', 19]
]

/** A clock that is told keeps its figure while it stays within this, seconds: near a limit it would flicker. */
const STEADY_S = 1

/**
 * The difference of a clock, seconds, that is told next, where `told` is the one that is told now; 0: it is
 * right. It changes only with a change that a person would call one.
 */
export function steadyAheadOf(told: number, aheadSeconds: number): number {
  if (told !== 0 && Math.abs(aheadSeconds - told) <= STEADY_S) return told
  return Math.abs(aheadSeconds) > TOLERANCE_S ? aheadSeconds : 0
}

const DAY_S = 86_400
/** A clock that is further off, seconds, says nothing of the time: a hundred years. */
const LOST_S = 36_525 * DAY_S

/** A difference as `14 s`, as `3 d` where it is more than two days, and as `far` where it is beyond a hundred years. */
function spanText(seconds: number): string {
  const size = Math.abs(seconds)
  if (size > LOST_S) return 'far'
  return size > 2 * DAY_S ? `${Math.floor(size / DAY_S)} d` : `${Math.round(size)} s`
}

/** `+14 s` of a clock that is ahead, `−14 s` of one behind; `far ahead`, `far behind`. */
function aheadText(aheadSeconds: number): string {
  const span = spanText(aheadSeconds)
  if (span === 'far') return aheadSeconds < 0 ? 'far behind' : 'far ahead'
  return `${aheadSeconds < 0 ? '−' : '+'}${span}`
}

/**
 * What to say of one event whose stamp misleads. Only a wrong clock stamps ahead: `clock +3600 s`. One that
 * stamps behind may be right, and the event was held back on its way: `stamped 14 s before`.
 */
export const stampNoteOf = (aheadSeconds: number): string =>
  aheadSeconds > 0 ? `clock ${aheadText(aheadSeconds)}` : `stamped ${spanText(aheadSeconds)} before`

/**
 * What to say of a source whose stamps are `aheadSeconds` ahead of the observatory's clock, such as
 * `clock −37 s (UTC?)`; undefined where it is right.
 */
export function clockNoteOf(aheadSeconds: number): string | undefined {
  if (!(Math.abs(aheadSeconds) > TOLERANCE_S)) return undefined
  const scale = SCALES.find(([, behindS]) => Math.abs(aheadSeconds + behindS) < NEAR_S)
  const text = `clock ${aheadText(aheadSeconds)}`
  return scale === undefined ? text : `${text} (${scale[0]}?)`
}
