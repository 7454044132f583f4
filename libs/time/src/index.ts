export { type Clock, systemClock } from './clock.ts'
export { parseIsoTime } from './iso-time.ts'
export { siderealHoursOf } from './sidereal.ts'
export {
  CLOCK_TOLERANCE_SECONDS,
  correctedTimeOf,
  createSourceClock,
  type SourceClock,
  type SourceOffset,
  sourceOffsetOf
} from './source-clock.ts'
export { observingDayOf, taiMinusUtcSeconds, taiSecondsOf, utcMsOf } from './tai.ts'
