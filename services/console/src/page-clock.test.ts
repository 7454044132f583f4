import { taiSecondsOf } from '@meridian/time'
import t from 'tap'
import { createPageClock } from './page-clock.ts'

const START = Date.UTC(2026, 10, 22, 3)
const HOUR = 3_600_000

/** A page's clock on a machine that a test can set and put to sleep. */
function onMachine() {
  let steadyMs = START
  let wallMs = START
  const clock = createPageClock({ nowMs: () => steadyMs, wallMs: () => wallMs })
  return {
    clock,
    pass(ms: number) {
      steadyMs += ms
      wallMs += ms
    },
    /** Sets the machine's clock; a machine that sleeps does the same to a steady clock that stands still. */
    jump(ms: number) {
      wallMs += ms
    },
    steadyMs: () => steadyMs
  }
}

t.test('the page shows one instant until the next tick; what is asked for at once is exact', async t => {
  const { clock, pass } = onMachine()
  pass(400)
  t.equal(clock.nowMs.value, START)
  t.equal(clock.instantMs(), START + 400)
  t.equal(clock.siteTai(), taiSecondsOf(START + 400))
  t.equal(clock.ageMs(START - 1500), 1500)
  t.equal(clock.ageMs(START + 200), 0, 'what is newer than the instant on show is not of negative age')
  clock.tick()
  t.equal(clock.ageMs(START - 1500), 1900)
})

t.test('times of the site follow the gateway, ages follow the steady clock', async t => {
  const { clock } = onMachine()
  clock.setSiteOffset(5000, START)
  t.equal(clock.siteMs.value, START + 5000)
  t.equal(clock.siteTai(), taiSecondsOf(START + 5000))
  t.equal(clock.heardMsOf(taiSecondsOf(START + 3000)), START - 2000)
  t.equal(clock.heardMsOf(taiSecondsOf(START + 9000)), START, 'a stamp from the future counts as now')
  t.equal(clock.siteMsOf(START - 2000), START + 3000)
  t.equal(clock.machineAheadMs.value, -5000)
})

t.test('setting the clock of the machine changes no age and no time of the site', async t => {
  for (const set of [-HOUR, HOUR]) {
    const { clock, pass, jump, steadyMs } = onMachine()
    clock.setSiteOffset(0, steadyMs())
    const heardMs = clock.instantMs()
    pass(1000)
    t.equal(clock.tick(), false)
    jump(set)
    t.equal(clock.tick(), true, 'a jump is told once')
    t.equal(clock.tick(), false)
    pass(100)
    clock.setSiteOffset(0, steadyMs())
    t.equal(clock.ageMs(heardMs), 1100)
    t.equal(clock.siteMs.value, START + 1100)
    t.equal(clock.machineAheadMs.value, set, 'the page says that this clock is off')
  }
})

t.test('after sleep everything is as old as it is, from the first look on', async t => {
  const { clock, pass, jump, steadyMs } = onMachine()
  clock.setSiteOffset(0, steadyMs())
  const heardMs = clock.instantMs()
  jump(HOUR)
  pass(500)
  clock.tick()
  t.equal(clock.ageMs(heardMs), HOUR + 500, 'before the gateway has been asked')
  t.equal(clock.siteMs.value, START + HOUR + 500)
  clock.setSiteOffset(0, steadyMs() - 1000)
  t.equal(clock.ageMs(heardMs), HOUR + 500, 'a reading from before the sleep says nothing of it')
  pass(500)
  clock.setSiteOffset(HOUR, steadyMs())
  t.equal(clock.ageMs(heardMs), HOUR + 1000)
  t.equal(clock.siteMs.value, START + HOUR + 1000)
  t.equal(clock.siteMsOf(heardMs), START, 'what was heard before is not moved to another time')
  t.equal(clock.machineAheadMs.value, 0)
})

t.test("when the gateway's clock is set, ages stay", async t => {
  const { clock, pass, steadyMs } = onMachine()
  clock.setSiteOffset(0, steadyMs())
  const heardMs = clock.instantMs()
  pass(1000)
  clock.tick()
  clock.setSiteOffset(-HOUR, steadyMs())
  t.equal(clock.ageMs(heardMs), 1000)
  t.equal(clock.siteMs.value, START + 1000 - HOUR)
})
