import t from 'tap'
import { siderealHoursOf } from './sidereal.ts'
import { observingDayOf, taiMinusUtcSeconds, taiSecondsOf, utcMsOf } from './tai.ts'

t.test('TAI is 37 s ahead of UTC since 2017', async t => {
  t.equal(taiMinusUtcSeconds(Date.UTC(2026, 10, 22)), 37)
  t.equal(taiMinusUtcSeconds(Date.UTC(2016, 11, 31, 23, 59, 59)), 36)
  t.equal(taiSecondsOf(Date.UTC(2026, 10, 22)), Date.UTC(2026, 10, 22) / 1000 + 37)
})

t.test('UTC comes back from TAI, also around a leap second', async t => {
  for (const utc of [
    Date.UTC(2026, 10, 22),
    Date.UTC(2017, 0, 1),
    Date.UTC(2016, 11, 31, 12),
    Date.UTC(2000, 0, 1)
  ])
    t.equal(utcMsOf(taiSecondsOf(utc)), utc)
})

t.test('the observing day changes at noon of TAI', async t => {
  const noon = Date.UTC(2026, 10, 22, 12) / 1000
  t.equal(observingDayOf(noon - 1), '20261121')
  t.equal(observingDayOf(noon), '20261122')
})

t.test('sidereal time agrees with a published instant of the old system to a second', async t => {
  const utc = 1795292928.6 * 1000
  t.ok(Math.abs(siderealHoursOf(utc) - 0.5371) < 2 / 3600, 'Greenwich')
  t.ok(Math.abs(siderealHoursOf(utc, -70.749417) - 19.8204) < 2 / 3600, 'summit')
})
