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

t.test('after a stall everybody gets time to be heard again', async t => {
  const flow = flowing()
  t.equal(flow.judgedAtMs(11_000), 10_000)
  for (let at = 15_000; at <= 17_900; at += 100) flow.came(at)
  t.equal(flow.judgedAtMs(17_999), 10_000)
  t.equal(flow.judgedAtMs(18_000), 17_900)
})

t.test('a site whose only data comes seldom is judged all the same', async t => {
  const flow = createDataFlow()
  for (const at of [0, 5000, 10_000]) flow.came(at)
  t.equal(flow.judgedAtMs(12_999), undefined, 'not while it may still be coming in')
  t.equal(flow.judgedAtMs(13_000), 10_000)
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
