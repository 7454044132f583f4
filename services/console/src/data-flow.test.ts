import t from 'tap'
import { createDataFlow } from './data-flow.ts'

/** A flow that has had data every 500 ms up to 10 s. */
function flowing() {
  const flow = createDataFlow()
  for (let at = 0; at <= 10_000; at += 500) flow.came(at)
  return flow
}

t.test('while data flows everybody is judged as of the newest', async t => {
  t.equal(flowing().judgedAtMs(10_200), 10_000)
})

t.test('when everything stops, judgement stops with it, however long that takes', async t => {
  const flow = flowing()
  for (const now of [12_000, 15_000, 70_000]) t.equal(flow.judgedAtMs(now), 10_000)
})

t.test('after a stall everybody gets as long to be heard again as makes anybody silent', async t => {
  const flow = flowing()
  t.equal(flow.judgedAtMs(11_000), 10_000)
  for (let at = 22_000; at <= 26_900; at += 100) flow.came(at)
  t.equal(flow.judgedAtMs(26_999), 10_000)
  t.equal(flow.judgedAtMs(27_000), 26_900)
  t.same(flow.lastStall(), { fromMs: 10_000, toMs: 22_000 })
})

t.test('a flow that stops again before it has settled has had one stall', async t => {
  const flow = flowing()
  t.equal(flow.judgedAtMs(11_000), 10_000)
  for (const at of [22_000, 24_000, 36_000]) flow.came(at)
  t.same(flow.lastStall(), { fromMs: 10_000, toMs: 36_000 })
  t.equal(flow.judgedAtMs(40_999), 10_000)
})

t.test('one long stall is no measure for the next', async t => {
  const flow = flowing()
  for (let from = 22_000; from <= 58_000; from += 18_000) {
    for (let at = from; at <= from + 6000; at += 500) flow.came(at)
    t.equal(flow.lastStall()?.toMs, from)
  }
})

t.test('three stalls at once after each other are none that is usual', async t => {
  const flow = flowing()
  t.equal(flow.judgedAtMs(11_000), 10_000)
  for (const at of [20_000, 20_500, 31_000, 31_500, 42_000]) flow.came(at)
  t.equal(flow.judgedAtMs(42_100), 10_000)
  t.same(flow.lastStall(), { fromMs: 10_000, toMs: 42_000 })
})

t.test('a site whose only data comes seldom is judged all the same', async t => {
  const flow = createDataFlow()
  const judged = [0, 5000, 10_000, 15_000, 20_000, 25_000, 30_000].map(at => {
    flow.came(at)
    flow.came(at + 100)
    return flow.judgedAtMs(at + 100)
  })
  t.same(
    judged,
    [undefined, undefined, undefined, undefined, undefined, 25_100, 30_100],
    'once its pauses are known'
  )
})

t.test('complete last values tell at once who is missing, and say nothing when all are old', async t => {
  const flow = createDataFlow()
  t.equal(flow.judgedAtMs(0), undefined)
  for (const heard of [-60_000, -300, -900]) flow.recalled(heard)
  t.equal(flow.judgedAtMs(0), undefined, 'not before they are complete')
  flow.complete()
  t.equal(flow.judgedAtMs(0), -300)
  flow.recalled(-5000)
  flow.complete()
  t.equal(flow.judgedAtMs(0), -300, 'never backwards')
})

t.test(
  'live data that comes while last values still do ends a stall that began with the newest of them',
  async t => {
    const flow = createDataFlow()
    flow.recalled(9_700)
    flow.came(10_000)
    t.same(flow.lastStall(), { fromMs: 9_700, toMs: 10_000 })
    flow.complete()
    t.equal(flow.judgedAtMs(10_100), 9_700)
  }
)
