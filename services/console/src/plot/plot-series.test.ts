import { mock } from 'node:test'
import type { HistoryAnswer } from '@meridian/protocol/http'
import t, { type Test } from 'tap'
import { createPlotSeries } from './plot-series.ts'

const ref = {
  subject: 'tel.summit.MTMount.0.azimuth',
  field: 'actualPosition',
  units: 'deg'
}
const span = { from: 100, to: 200 }

const answerOf = (complete: boolean): HistoryAnswer => ({
  topic: ref.subject,
  field: ref.field,
  ...span,
  buckets: [[150, 1, 1, 1]],
  before: { state: 'none' },
  clock: { offset: 0, setAside: 0 },
  interval: 1,
  complete,
  readFrom: complete ? span.from : 140,
  heldFrom: 0
})
const lost = { error: { code: 'NET_CONNECTION_LOST', message: 'cut off', canRetry: false } }
const refused = { error: { code: 'API_BAD_QUERY', message: 'no', canRetry: false } }

/** A series whose questions for history get these answers in turn, the last one again and again. */
function seriesAnswered(t: Test, ...answers: readonly (readonly [status: number, body: object])[]) {
  let asked = 0
  const { fetch } = globalThis
  globalThis.fetch = async () => {
    const [status, body] = answers[Math.min(asked++, answers.length - 1)] ?? [500, {}]
    return new Response(JSON.stringify(body), { status })
  }
  mock.timers.enable({ apis: ['setTimeout'] })
  const series = createPlotSeries(ref, { colour: 0, changed: () => undefined })
  t.teardown(() => {
    series.close()
    mock.timers.reset()
    globalThis.fetch = fetch
  })
  const pass = async (ms: number): Promise<void> => {
    mock.timers.tick(ms)
    for (let i = 0; i < 20; i++) await new Promise(resolve => setImmediate(resolve))
  }
  return { series, pass, asked: () => asked }
}

t.test('history whose connection was cut is asked again, and what is wrong is not', async t => {
  const { series, pass, asked } = seriesAnswered(t, [502, lost], [200, answerOf(true)])
  await series.fill(span)
  t.match(series.history.value, { kind: 'failed' })
  await pass(3_000)
  t.match(series.history.value, { kind: 'loaded' })
  await pass(120_000)
  t.equal(asked(), 2)
})

t.test('what can never be answered is asked once', async t => {
  const { series, pass, asked } = seriesAnswered(t, [400, refused])
  await series.fill(span)
  await pass(120_000)
  t.equal(asked(), 1)
  t.match(series.history.value, { kind: 'failed' })
})

t.test('a part that was not read is asked for again, a few times', async t => {
  const { series, pass, asked } = seriesAnswered(t, [200, answerOf(false)], [200, answerOf(true)])
  await series.fill(span)
  t.equal(series.record.value?.isComplete, false)
  await pass(3_000)
  t.equal(series.record.value?.isComplete, true)
  t.equal(asked(), 2)
})

t.test('a span that is never read whole is not asked for without end', async t => {
  const { series, pass, asked } = seriesAnswered(t, [200, answerOf(false)])
  await series.fill(span)
  for (let i = 0; i < 20; i++) await pass(60_000)
  t.equal(asked(), 5)
  await series.fill(span)
  t.equal(asked(), 6, 'a person asks anew')
})
