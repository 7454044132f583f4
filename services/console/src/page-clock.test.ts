import { taiSecondsOf } from '@meridian/time'
import t from 'tap'
import { createPageClock } from './page-clock.ts'

const START = Date.UTC(2026, 10, 22, 3)

t.test('the page shows one second until the next tick; what is asked for at once is exact', async t => {
  let machineMs = START
  const clock = createPageClock({ nowMs: () => machineMs })
  machineMs += 400
  t.equal(clock.nowMs.value, START)
  t.equal(clock.siteTai(), taiSecondsOf(START + 400))
  t.equal(clock.ageMs(START - 1500), 1500)
  t.equal(clock.ageMs(START + 200), 0, 'what is newer than the second on show is not of negative age')
  clock.tick()
  t.equal(clock.ageMs(START - 1500), 1900)
})

t.test('times of the site follow the gateway, ages follow this machine', async t => {
  const clock = createPageClock({ nowMs: () => START })
  clock.setSiteOffset(5000)
  t.equal(clock.siteMs.value, START + 5000)
  t.equal(clock.siteTai(), taiSecondsOf(START + 5000))
  t.equal(clock.heardMsOf(taiSecondsOf(START + 3000)), START - 2000)
  t.equal(clock.heardMsOf(taiSecondsOf(START + 9000)), START, 'a stamp from the future counts as now')
})
