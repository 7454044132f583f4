export { type Clock, systemClock } from './clock.ts'
export { SUMMIT_LONGITUDE_DEG, siderealHoursOf } from './sidereal.ts'
export { observingDayOf, taiMinusUtcSeconds, taiSecondsOf, utcMsOf } from './tai.ts'
