import t from 'tap'
import { Liveness } from './liveness.ts'

const PING_MS = 5000
const WALL = 1_780_000_000_000

t.test('two periods without a word are an end; a frozen page gets two more', async t => {
  const liveness = new Liveness(PING_MS, 0, WALL)
  t.notOk(liveness.isSilent(10_000, 10_000))
  t.ok(liveness.isSilent(10_001, 10_001))
  t.notOk(liveness.isSilent(60_000, 2000), 'asked 58 s too late')
  t.ok(liveness.isSilent(70_001, 70_001), 'nothing came since')
})

t.test(
  'where every beat is late, as in a background page, a dead link ends at the second of them',
  async t => {
    const liveness = new Liveness(PING_MS, 0, WALL)
    liveness.ping(0)
    liveness.hear(100)
    t.notOk(liveness.isSilent(60_000, 2100), 'a minute between two beats, and nothing to hear')
    t.ok(liveness.isPingDue(60_000, WALL + 60_000))
    liveness.ping(60_000)
    liveness.hear(60_100)
    t.notOk(liveness.isSilent(120_000, 62_100), 'its ping was answered')
    liveness.ping(120_000)
    t.ok(liveness.isSilent(180_000, 122_000), 'this one was not')
  }
)

t.test('a ping goes out every period, sooner when nothing comes, and not twice for one silence', async t => {
  const liveness = new Liveness(PING_MS, 0, WALL)
  t.ok(liveness.isPingDue(0, WALL), 'the first at once')
  t.equal(liveness.ping(0), 1)
  liveness.hear(100)
  t.equal(liveness.nextMs(100), 2100, 'quiet for 2 s after the last word')
  t.notOk(liveness.isPingDue(2099, WALL + 2099))
  t.ok(liveness.isPingDue(2100, WALL + 2100))
  t.equal(liveness.ping(2100), 2)
  t.notOk(liveness.isPingDue(4200, WALL + 4200), 'its answer has not come')
  t.ok(liveness.isPingDue(7100, WALL + 7100))
  t.strictSame([liveness.sentMs(1), liveness.sentMs(2)], [undefined, 2100], 'only the latest is measured')
})

t.test('a probe, or a jump of the machine clock, wants a sign of life within four seconds', async t => {
  const probed = new Liveness(PING_MS, 0, WALL)
  probed.ping(0)
  probed.probe(1000)
  t.ok(probed.isPingDue(1000, WALL + 1000))
  t.notOk(probed.isSilent(4999, 4999))
  t.ok(probed.isSilent(5000, 5000))
  probed.hear(4990)
  t.notOk(probed.isSilent(5000, 5000), 'it was given')

  const slept = new Liveness(PING_MS, 0, WALL)
  slept.ping(0)
  t.notOk(slept.isPingDue(500, WALL + 1500), 'a second is drift')
  t.ok(slept.isPingDue(600, WALL + 3_600_000))
  t.ok(slept.isSilent(4600, 4600))
})
