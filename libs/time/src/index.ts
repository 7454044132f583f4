export { type Clock, systemClock } from './clock.ts'
export { parseIsoTime } from './iso-time.ts'
export { siderealHoursOf } from './sidereal.ts'
export {
  CLOCK_TOLERANCE_SECONDS,
  correctedTimeOf,
  createSourceClock,
  isSameTime,
  type SourceClock,
  type SourceClockState,
  type SourceOffset,
  type SourceStamps,
  sourceOffsetOf
} from './source-clock.ts'
export { observingDayOf, taiMinusUtcSeconds, taiSecondsOf, utcMsOf } from './tai.ts'
