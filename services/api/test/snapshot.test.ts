import { append, removeSubjects } from '@meridian/broker'
import { type SnapshotAnswer, type SnapshotTopic, snapshotSchema } from '@meridian/protocol/http'
import { eventOf, heartbeatOf, removalsOf, telemetryOf } from '@meridian/subjects'
import { startOtlpReceiver, startSiteService, waitFor } from '@meridian/testing'
import { taiSecondsOf } from '@meridian/time'
import t from 'tap'
import { Errors } from 'typebox/schema'
import { get, openSite, SITE, sampleOf } from './harness.ts'

const { broker, nats } = await openSite(t)
const receiver = await startOtlpReceiver()
t.teardown(() => receiver.stop())
const { address, stop } = await startSiteService('api', nats, {
  OTEL_EXPORTER_OTLP_ENDPOINT: receiver.endpoint,
  OTEL_BSP_SCHEDULE_DELAY: '50'
})
t.teardown(() => stop())

const mount = { site: SITE, csc: 'MTMount', index: 0 }
const remove = (filter: string): Promise<unknown> =>
  removeSubjects(broker, { stream: 'EVT', filters: [filter], noteOn: removalsOf(SITE) })
const snapshot = (query: string) => get<SnapshotAnswer>(address, `/api/snapshot?${query}`)
const put = (subject: string, n: unknown): Promise<unknown> =>
  append(broker, { subject, data: sampleOf({ n }, 1_795_000_000) })

/** A moment behind all that was stored so far and ahead of all that follows, TAI seconds. */
async function moment(): Promise<number> {
  const pause = (): Promise<void> => new Promise(resolve => setTimeout(resolve, 20))
  await pause()
  const now = taiSecondsOf(Date.now())
  await pause()
  return now
}

/** Subject, state and field of each row. */
const rowsOf = ({ topics }: SnapshotAnswer): unknown[] =>
  topics.map((topic: SnapshotTopic) =>
    topic.state === 'value'
      ? [topic.subject, (topic.fields as { n: unknown }).n]
      : [topic.subject, topic.state]
  )

const state = eventOf({ ...mount, topic: 'summaryState' })
const azimuth = telemetryOf({ ...mount, topic: 'azimuth' })
const beat = heartbeatOf(mount)

t.test('a snapshot has the last value of each topic, now and as of a past moment', async t => {
  const before = await moment()
  await put(state, 1)
  await put(azimuth, Number.NaN)
  const between = await moment()
  await put(state, 2)
  await put(azimuth, 2n ** 60n)
  await put(beat, 3)
  const all = `topics=evt.${SITE}.MTMount.>,tel.${SITE}.MTMount.>&topics=hb.${SITE}.MTMount.*`
  const now = await snapshot(all)
  t.equal(now.status, 200)
  t.equal(now.headers.get('cache-control'), 'no-store')
  t.same(Errors(snapshotSchema, now.body)[1], [])
  t.same(rowsOf(now.body), [
    [state, 2],
    [beat, 3],
    [azimuth, String(2n ** 60n)]
  ])
  t.match(now.body.topics[0], { time: 1_795_000_000, received: 1_795_000_000 })
  const then = await snapshot(`${all}&at=${between}`)
  t.same(rowsOf(then.body), [
    [state, 1],
    [beat, 'none'],
    [azimuth, 'NaN']
  ])
  t.equal(then.body.at, between)
  t.same(
    rowsOf((await snapshot(`${all}&at=${before}`)).body).map(row => (row as unknown[])[1]),
    ['none', 'none', 'none']
  )
  const ahead = await snapshot(`topics=${state}&at=${between + 1e6}`)
  t.same(rowsOf(ahead.body), [[state, 2]])
  t.ok(ahead.body.at < between + 1e5, 'a moment to come is now')
})

t.test('a topic that is named in full always has a row, and its keyed children stand for it', async t => {
  const alarm = eventOf({ site: SITE, csc: 'Watcher', index: 0, topic: 'alarm' })
  t.same(rowsOf((await snapshot(`topics=${alarm}`)).body), [[alarm, 'none']])
  t.same((await snapshot(`topics=${alarm}.*`)).body.topics, [])
  await put(`${alarm}.a`, 1)
  await put(`${alarm}.b`, 2)
  t.same(rowsOf((await snapshot(`topics=${alarm}`)).body), [
    [`${alarm}.a`, 1],
    [`${alarm}.b`, 2]
  ])
  await append(broker, { subject: `${alarm}.b`, data: 'junk' })
  t.match(rowsOf((await snapshot(`topics=${alarm}`)).body), [
    [`${alarm}.a`, 1],
    [`${alarm}.b`, 'unknown']
  ])
})

t.test('a snapshot is a span of the trace of whoever asks; one that is refused is a failed span', async t => {
  const trace = '0af7651916cd43dd8448eb211c80319c'
  const headers = { traceparent: `00-${trace}-b7ad6b7169203331-01` }
  const ask = (topics: string) => fetch(`${address}/api/snapshot?topics=${topics}`, { headers })
  await put(state, 1)
  t.equal((await ask(state)).status, 200)
  const large = eventOf({ ...mount, topic: 'traced' })
  for (let n = 0; n < 50; n++) await put(`${large}.k${n}`, 'x'.repeat(700_000))
  t.equal((await ask(large)).status, 400)
  await remove(`${large}.*`)
  const spansOf = () => receiver.spans.filter(({ traceId }) => traceId === trace)
  await waitFor(() => spansOf().length === 2, { what: 'both spans' })
  const span = { service: 'api', name: 'snapshot', parentSpanId: 'b7ad6b7169203331' }
  t.match(spansOf(), [
    { ...span, failure: undefined },
    { ...span, failure: 'API_TOO_MANY_TOPICS' }
  ])
})

t.test('many topics are read in several pieces', async t => {
  const topics = Array.from({ length: 1_200 }, (_, n) =>
    eventOf({ ...mount, csc: 'ESS', index: n, topic: 'x' })
  )
  for (let from = 0; from < topics.length; from += 100)
    await Promise.all(topics.slice(from, from + 100).map(topic => put(topic, topic)))
  const at = await moment()
  await put(topics[7] ?? '', 'later')
  const { body } = await snapshot(`topics=evt.${SITE}.ESS.>&at=${at}`)
  t.same(
    rowsOf(body),
    topics.map(topic => [topic, topic]).sort(([a = ''], [b = '']) => (a < b ? -1 : 1))
  )
})

t.test('where the stream has removed what may have been before, the row says unknown', async t => {
  const busy = eventOf({ ...mount, topic: 'busy' })
  const quiet = eventOf({ ...mount, topic: 'quiet' })
  const before = await moment()
  await put(quiet, 1)
  for (let from = 0; from < 1_000; from += 100)
    await Promise.all(Array.from({ length: 100 }, (_, n) => put(busy, from + n)))
  const asked = `topics=${busy},${quiet}&at=${before}`
  t.same(rowsOf((await snapshot(asked)).body), [
    [busy, 'unknown'],
    [quiet, 'none']
  ])
  t.same(rowsOf((await snapshot(`topics=${busy},${quiet}`)).body), [
    [busy, 999],
    [quiet, 1]
  ])
  await remove(busy)
  t.same(
    rowsOf((await snapshot(`topics=${busy}`)).body),
    [[busy, 'none']],
    'names that were removed never were'
  )
  t.same((await snapshot(`topics=evt.${SITE}.MTMount.0.busy.*`)).body.topics, [])
  await remove(state)
  t.same(rowsOf((await snapshot(asked)).body), [
    [busy, 'unknown'],
    [quiet, 'unknown']
  ])
  t.same(
    rowsOf((await snapshot(`topics=${busy}`)).body),
    [[busy, 'unknown']],
    'the stream cannot tell them apart'
  )
})

t.test('what is asked wrongly, and what is too much, is refused with a code', async t => {
  const many = Array.from({ length: 65 }, (_, n) => `evt.${SITE}.C${n}.>`).join(',')
  const cases: [query: string, code: string][] = [
    ['', 'NET_BAD_REQUEST'],
    [`topics=${state}&from=1`, 'NET_BAD_REQUEST'],
    [`topics=${many}`, 'NET_BAD_REQUEST'],
    ['topics=evt..x', 'WIR_BAD_PATTERN'],
    [`topics=${state},`, 'NET_BAD_REQUEST'],
    [`topics=ack.${SITE}.>`, 'API_BAD_TOPIC'],
    ['topics=>', 'API_BAD_TOPIC'],
    ['topics=evt.base.>', 'API_BAD_TOPIC'],
    [`topics=${state}&at=soon`, 'API_BAD_RANGE'],
    [`topics=${state}&at=2026-13-01T00:00:00Z`, 'API_BAD_RANGE']
  ]
  for (const [query, code] of cases) {
    const { status, body } = await snapshot(query)
    t.match([status, body.error?.code], [400, code], query)
  }
  const large = eventOf({ ...mount, topic: 'large' })
  for (let n = 0; n < 50; n++) await put(`${large}.k${n}`, 'x'.repeat(700_000))
  t.match(await snapshot(`topics=${large}`), {
    status: 400,
    body: { error: { code: 'API_TOO_MANY_TOPICS', canRetry: false } }
  })
  const { body } = await get<{ paths: object }>(address, '/api/openapi.json')
  t.ok('/api/snapshot' in body.paths)
})
