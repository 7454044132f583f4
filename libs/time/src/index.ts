export { type Clock, systemClock } from './clock.ts'
export { siderealHoursOf } from './sidereal.ts'
export { observingDayOf, taiSecondsOf, utcMsOf } from './tai.ts'
