export { type Clock, systemClock } from './clock.ts'
export { siderealHoursOf } from './sidereal.ts'
export { observingDayOf, taiMinusUtcSeconds, taiSecondsOf, utcMsOf } from './tai.ts'
