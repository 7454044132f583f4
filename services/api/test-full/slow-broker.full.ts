import { lastMessage } from '@meridian/broker'
import type { HistoryAnswer } from '@meridian/protocol/http'
import { startSiteService, waitFor } from '@meridian/testing'
import { taiSecondsOf } from '@meridian/time'
import t from 'tap'
import { get, openSite, SITE, store } from '../test/harness.ts'

const { broker, nats } = await openSite(t)
const { address, stop } = await startSiteService('api', nats, { HISTORY_MS: '6000' })
t.teardown(() => stop())

const topic = `tel.${SITE}.MTMount.0.azimuth`
const now = taiSecondsOf(Date.now())
const COUNT = 3_000
const samples = Array.from({ length: COUNT }, (_, i) => ({
  time: now - COUNT / 10 + i / 10,
  fields: { actualPosition: i, spare: i }
}))
await store(broker, topic, samples)

const history = (field = 'actualPosition', more = '') =>
  get<HistoryAnswer>(address, `/api/history?topic=${topic}&from=${now - 400}&to=${now}&field=${field}${more}`)

t.test('a broker that stands still for seconds makes histories late, none of them wrong', async t => {
  await nats.freeze()
  const asked = Array.from({ length: 20 }, () => history())
  const others = [
    '/api/commands',
    '/api/events?pattern=evt.summit.%3E',
    '/api/commands/01jd3v8c6qz5n7k2m4x9w00001'
  ]
  const askedToo = others.map(path => get<object>(address, path))
  // 2 s together: longer than a consumer may be silent, and than one answer of JetStream may take.
  await t.rejects(lastMessage(broker, 'TEL', topic), { code: 'BRK_TIMEOUT' })
  await t.rejects(broker.request('$JS.API.INFO', '', { timeoutMs: 500 }), { code: 'BRK_TIMEOUT' })
  nats.thaw()
  for (const { status, body } of await Promise.all(asked)) {
    t.equal(status, 200)
    t.equal(
      body.buckets.reduce((sum, [, , , count]) => sum + count, 0),
      COUNT
    )
    t.equal(body.complete, true)
  }
  const statuses = (await Promise.all(askedToo)).map(({ status }) => status)
  t.same(statuses, [200, 200, 404], 'lists and records too')
})

t.test(
  'a field that cannot be is refused without the broker; a slow broker is told from one that is away',
  async t => {
    await nats.freeze()
    const slow = history()
    for (const [field, more, code] of [
      ['actualPosition', '&index=0', 'API_UNKNOWN_FIELD'],
      ['actualPosition', '&index=x', 'NET_BAD_REQUEST']
    ] as const)
      t.match(await history(field, more), { status: 400, body: { error: { code } } })
    const { status, headers, body } = await slow
    t.equal(status, 504)
    t.match(body.error, { code: 'BRK_TIMEOUT', canRetry: true, message: /it is connected but slow/ })
    t.equal(headers.get('retry-after'), '1')
    nats.thaw()

    await nats.kill9()
    const away = await waitFor(
      async () => {
        const answer = await history()
        return answer.status === 503 ? answer : undefined
      },
      { what: 'the loss is noticed' }
    )
    t.match(away.body.error, { code: 'BRK_UNAVAILABLE', canRetry: true })
    t.equal(away.headers.get('retry-after'), '1')
    await nats.restart()
    await waitFor(async () => (await history()).status === 200, {
      what: 'history is back',
      timeoutMs: 30_000
    })
  }
)

t.test('of a topic of the catalogue a field is refused by its last sample, which may have more', async t => {
  const metric = async (): Promise<string> =>
    /^meridian_api_history_messages_total\S* (\d+)$/m.exec(
      await (await fetch(`${address}/metrics`)).text()
    )?.[1] ?? ''
  const before = await metric()
  const { status, body } = await history('actualPositon')
  t.equal(status, 400)
  t.match(body.error, { code: 'API_UNKNOWN_FIELD', message: /did you mean 'actualPosition'\?/ })
  t.equal(await metric(), before, 'no sample was read')
  t.match(await history('spare'), { status: 200, body: { complete: true } })
})
