import t from 'tap'
import { createCommanderClock } from './commander-clock.ts'

function setUp() {
  let now = 1_000
  let hear: (message: { subject: string; data: Uint8Array }) => void = () => {}
  const subjects: string[] = []
  const clock = createCommanderClock('summit', () => now)
  clock.start({
    broker: {
      subscribe(subject, callback) {
        subjects.push(subject)
        hear = callback
        return { unsubscribe: () => subjects.pop() }
      }
    }
  })
  const beat = (boot: string, time: number | undefined, leaving = false): void =>
    hear({
      subject: 'cmdr.summit.alive',
      data: new TextEncoder().encode(JSON.stringify({ commander: boot, boot, time, leaving }))
    })
  return { clock, beat, subjects, pass: (seconds: number) => (now += seconds) }
}

t.test('until a commander was heard, its clock is taken for ours', async t => {
  const { clock, subjects, beat } = setUp()
  t.equal(clock.acceptBy(8_000), 1_008)
  t.same(subjects, ['cmdr.summit.alive'])
  beat('old', undefined)
  t.equal(clock.acceptBy(8_000), 1_008)
  clock.stop()
  t.same(subjects, [])
})

t.test('the fastest of the last heartbeats says how far the clock of a commander is', async t => {
  const { clock, beat, pass } = setUp()
  beat('a', 1_400)
  beat('a', 1_399.5)
  t.equal(clock.acceptBy(0), 1_400, 'one that took half a second says less')
  pass(1)
  for (let i = 0; i < 8; i++) beat('a', 1_000)
  t.equal(clock.acceptBy(0), 1_000, 'a clock that was set counts after eight')
})

t.test('of several commanders the earliest clock counts, until it is gone', async t => {
  const { clock, beat, pass } = setUp()
  beat('a', 1_400)
  beat('b', 999)
  t.equal(clock.acceptBy(500), 999.5)
  beat('b', 999, true)
  t.equal(clock.acceptBy(500), 1_400.5)
  beat('b', 999)
  pass(61)
  beat('a', 1_461)
  t.equal(clock.acceptBy(0), 1_461)
})
