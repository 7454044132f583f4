import t from 'tap'
import {
  CONDITIONS,
  conditionOf,
  type Evidence,
  isDead,
  type Judgement,
  SILENT_AFTER_MS,
  urgencyOf
} from './condition.ts'

const HEARD = 10_000
const asOf = (asOfMs: number, silentProducer?: string): Judgement => ({ asOfMs, silentProducer })
const evidence: Evidence = {
  isComplete: true,
  readable: { heartbeat: true, state: true },
  summaryState: 2,
  heartbeatMs: HEARD,
  dataMs: undefined,
  usualMs: undefined,
  judgement: asOf(HEARD + 500)
}
const at = (more: Partial<Evidence>) => conditionOf({ ...evidence, ...more })
const late = asOf(HEARD + 1 + SILENT_AFTER_MS)

t.test('a fresh heartbeat leaves the summary state as it was said', async t => {
  t.equal(at({ summaryState: 1 }), 'disabled')
  t.equal(at({ summaryState: 2 }), 'enabled')
  t.equal(at({ summaryState: 3 }), 'fault')
  t.equal(at({ summaryState: 4 }), 'offline')
  t.equal(at({ summaryState: 5 }), 'standby')
})

t.test('a component whose heartbeat stopped is never enabled, disabled or in standby', async t => {
  for (const summaryState of [1, 2, 5, undefined, 9]) t.equal(at({ summaryState, judgement: late }), 'silent')
})

t.test('a component of which a state is known but no heartbeat ever came is silent', async t => {
  t.equal(at({ heartbeatMs: undefined }), 'silent')
})

t.test('FAULT stays FAULT and OFFLINE stays OFFLINE when heartbeats stop', async t => {
  t.equal(at({ summaryState: 3, judgement: late }), 'fault')
  t.equal(at({ summaryState: 4, heartbeatMs: undefined }), 'offline')
})

t.test('what beats without a summary state, or with one that SAL does not have, is reporting', async t => {
  t.equal(at({ summaryState: undefined }), 'device')
  t.equal(at({ summaryState: 9 }), 'device')
})

t.test('nothing known is no data, data without heartbeat and state is a device', async t => {
  const bare = { summaryState: undefined, heartbeatMs: undefined }
  t.equal(at(bare), 'nodata')
  t.equal(at({ ...bare, dataMs: HEARD }), 'device')
})

t.test('a device without heartbeat has ended long after its usual pause, not before', async t => {
  const bare = { summaryState: undefined, heartbeatMs: undefined, dataMs: HEARD }
  t.equal(at({ ...bare, usualMs: 1000, judgement: asOf(HEARD + 30_000) }), 'device')
  t.equal(at({ ...bare, usualMs: 1000, judgement: asOf(HEARD + 30_001) }), 'ended')
  t.equal(at({ ...bare, usualMs: 600_000, judgement: asOf(HEARD + 3_000_000) }), 'device')
  t.equal(at({ ...bare, usualMs: 600_000, judgement: asOf(HEARD + 3_000_001) }), 'ended')
  t.equal(at({ ...bare, judgement: asOf(HEARD + 60_001) }), 'ended', 'nobody knows how often it sends')
})

t.test('nothing is said of anybody before all last values have come', async t => {
  for (const summaryState of [2, 3, 4, undefined])
    for (const judgement of [asOf(Number.NEGATIVE_INFINITY), late])
      t.equal(at({ isComplete: false, summaryState, judgement }), 'nodata')
})

t.test('judgement stops with the data of the link, however long that is ago', async t => {
  t.equal(at({ judgement: asOf(HEARD) }), 'enabled')
  t.equal(at({ judgement: asOf(Number.NEGATIVE_INFINITY) }), 'enabled')
  t.equal(at({ heartbeatMs: undefined, judgement: asOf(Number.NEGATIVE_INFINITY) }), 'enabled')
})

t.test('while its producer is silent a component is not judged, unless it is heard all the same', async t => {
  const silent = asOf(late.asOfMs, 'Producer:1')
  t.equal(at({ judgement: silent }), 'unjudged')
  t.equal(at({ heartbeatMs: late.asOfMs, judgement: silent }), 'enabled')
  t.equal(at({ summaryState: 3, judgement: silent }), 'fault')
  const bare = { summaryState: undefined, heartbeatMs: undefined, judgement: silent }
  t.equal(at({ ...bare, dataMs: HEARD }), 'unjudged')
  t.equal(at({ ...bare, dataMs: late.asOfMs }), 'device')
  t.equal(at({ ...bare }), 'unjudged')
})

t.test('FAULT and SILENT are the most urgent', async t => {
  t.same(CONDITIONS.slice(0, 2), ['fault', 'silent'])
  t.equal(urgencyOf('enabled'), CONDITIONS.length - 1)
})

t.test('whatever is not heard any more is dead, in FAULT and OFFLINE as well', async t => {
  const dead = (changed: Partial<Evidence>) => isDead({ ...evidence, ...changed })
  for (const summaryState of [1, 2, 3, 4, 5, 9, undefined]) {
    t.notOk(dead({ summaryState }), `${summaryState}, heard`)
    t.ok(dead({ summaryState, judgement: late }), `${summaryState}, not heard`)
    t.ok(dead({ summaryState, judgement: asOf(late.asOfMs, 'Producer:1') }), `${summaryState}, not judged`)
  }
  t.ok(dead({ summaryState: 4, heartbeatMs: undefined }), 'ended before anybody listened')
  const bare = { summaryState: undefined, heartbeatMs: undefined, usualMs: 1000 }
  t.ok(dead({ ...bare, dataMs: HEARD, judgement: asOf(HEARD + 30_001) }), 'a device that has ended')
  t.notOk(dead({ ...bare, dataMs: HEARD }))
  t.notOk(dead({ ...bare, dataMs: undefined }), 'of which nothing is known nothing is old')
})

t.test(
  'nobody is well of whom too little may be read, and what is known to be wrong stays wrong',
  async t => {
    const noBeat = { heartbeatMs: undefined, readable: { heartbeat: false, state: true } }
    for (const summaryState of [1, 2, 5, 9, undefined])
      for (const judgement of [asOf(Number.NEGATIVE_INFINITY), late])
        t.equal(at({ ...noBeat, summaryState, judgement }), 'noaccess')
    t.equal(at({ ...noBeat, summaryState: 3 }), 'fault')
    t.equal(at({ ...noBeat, summaryState: 4 }), 'offline')
    const noState = { summaryState: undefined, readable: { heartbeat: true, state: false } }
    t.equal(at(noState), 'noaccess', 'it lives, and may be in FAULT')
    t.equal(at({ ...noState, judgement: late }), 'silent')
    t.equal(at({ ...noState, heartbeatMs: undefined }), 'noaccess')
    t.notOk(isDead({ ...evidence, ...noBeat, judgement: late }), 'it is not known to be dead')
  }
)
