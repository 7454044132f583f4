import { waitFor } from '@meridian/testing'
import t from 'tap'
import { metricsOf, startGateway } from './gateway-process.ts'
import { LiveClient } from './live-client.ts'
import { startObservatory } from './observatory.ts'

const site = await startObservatory()
t.teardown(() => site.stop())
const gateway = await startGateway(site.nats.url)
t.teardown(() => gateway.end('SIGKILL'))
const evt = (topic: string): string => `evt.summit.MTMount.0.${topic}`
const tel = (topic: string): string => `tel.summit.MTMount.0.${topic}`

const badMessages = async (port: number): Promise<number> =>
  Number(/meridian_gateway_bad_messages_total\{[^}]*\} (\d+)/.exec(await metricsOf(port))?.[1])

async function topicsOf(port: number): Promise<{ topics: number }> {
  const metrics = await metricsOf(port)
  return { topics: Number(/meridian_gateway_topics\{[^}]*\} (\d+)/.exec(metrics)?.[1]) }
}

t.test('what a client may send wrong gets a coded answer and disturbs nobody', async t => {
  const watcher = await LiveClient.open(gateway.port)
  watcher.send({ op: 'subscribe', id: 1, patterns: [{ pattern: evt('watched') }] })
  await watcher.next('live')
  const json = await LiveClient.open(gateway.port, 'json')
  const binary = await LiveClient.open(gateway.port)
  const answers = async (client: LiveClient, message: string | Buffer): Promise<string> => {
    const before = client.all('error').length
    client.ws.send(message)
    return (await client.next('error', before + 1)).error.code
  }
  t.equal(await answers(json, 'not json'), 'GTW_BAD_FRAME')
  t.equal(
    await answers(json, Buffer.from('{"op":"ping","id":1}')),
    'GTW_BAD_FRAME',
    'bytes where text is spoken'
  )
  t.equal(await answers(json, '{"op":"reboot"}'), 'GTW_UNKNOWN_OP')
  t.equal(await answers(json, '['.repeat(50_000)), 'GTW_BAD_FRAME')
  t.equal(await answers(json, '{"op":"unsubscribe","id":9}'), 'GTW_NO_SUBSCRIPTION')
  t.equal(await answers(json, '{"op":"resume","cursor":"nonsense","subscriptions":[]}'), 'GTW_BAD_CURSOR')
  t.equal(await answers(binary, 'text where bytes are spoken'), 'GTW_BAD_FRAME')
  t.equal(await answers(binary, Buffer.from([0xdd, 255, 255, 255, 255])), 'GTW_BAD_FRAME')
  for (let id = 0; id < 64; id++) json.send({ op: 'subscribe', id, patterns: [{ pattern: evt(`x${id}`) }] })
  await json.next('live', 64)
  json.send({ op: 'subscribe', id: 64, patterns: [{ pattern: evt('x') }] })
  t.match((await json.next('error', 7)).error, { code: 'GTW_TOO_MANY_SUBSCRIPTIONS', facts: { limit: 64 } })

  const patterns = ['a..b', '', 'tel.>.x', 'x'.repeat(200), '*.'.repeat(20), evt('fine')].filter(
    p => p !== ''
  )
  binary.send({ op: 'subscribe', id: 1, patterns: patterns.map(pattern => ({ pattern })) })
  const { refused } = await binary.next('subscribed')
  t.same(new Set(refused.map(r => r.error.code)), new Set(['WIR_BAD_PATTERN']))
  t.notOk(refused.some(r => r.pattern === evt('fine')))

  json.ws.send(`{"op":"ping","id":1,"pad":"${'x'.repeat(70_000)}"}`)
  t.equal((await json.whenClosed()).code, 1009)
  t.match(json.all('error').at(-1), { error: { code: 'GTW_FRAME_TOO_LARGE' } })
  const huge = await LiveClient.open(gateway.port)
  huge.ws.send(Buffer.alloc(1 << 20))
  t.equal((await huge.whenClosed()).code, 1009)
  const nonsense = await LiveClient.open(gateway.port, 'json')
  for (let i = 0; i < 60; i++) nonsense.ws.send('{')
  t.equal((await nonsense.whenClosed()).code, 1002)
  const flood = await LiveClient.open(gateway.port)
  for (let id = 0; id < 1_000; id++) flood.send({ op: 'ping', id })
  t.equal((await flood.whenClosed()).code, 1013)
  t.match(flood.all('error')[0], { id: Number, error: { code: 'GTW_TOO_FAST' } })

  for (let i = 0; i < 4; i++) site.say(tel('garbage'), Buffer.from('this is no sample'))
  await waitFor(async () => (await badMessages(gateway.port)) === 4, { what: 'garbage is counted' })
  const { topics } = await topicsOf(gateway.port)
  site.say(`tel.summit.X.0.${Array.from({ length: 1_000 }, (_, i) => i).join('.')}`)
  site.say(evt('watched'))
  await watcher.hasSeen(1)
  t.equal(watcher.seen.length, 1)
  t.notOk(watcher.closed)
  t.equal(await badMessages(gateway.port), 5)
  t.equal((await topicsOf(gateway.port)).topics, topics + 1, 'a subject of another form is no topic')
  for (const client of [watcher, binary]) client.ws.close()
})

t.test('the probe tells whoever runs it that nobody logs in, and which role everybody has', async t => {
  const answer = await fetch(`http://127.0.0.1:${gateway.port}/readyz`)
  t.same(await answer.json(), { ready: true, access: { mode: 'open', role: 'operator' } })
})

t.test('a pattern that can bring nothing is refused by name, and the others are served', async t => {
  await site.put(evt('served'))
  const client = await LiveClient.open(gateway.port, 'json')
  t.teardown(() => client.ws.close())
  const nothing = ['raw.>', 'cmd.summit.>', 'evt.base.>', 'evt.summit.MTMount.served', 'ack..x']
  const patterns = ['>', '*.*.MTMount.0.served', ...nothing].map(pattern => ({ pattern }))
  client.send({ op: 'subscribe', id: 1, patterns })
  const { refused } = await client.next('subscribed')
  const code = 'GTW_NOT_SERVED'
  t.match(refused, [
    ...nothing.slice(0, 4).map(pattern => ({ pattern, error: { code, canRetry: false } })),
    { pattern: 'ack..x', error: { code: 'WIR_BAD_PATTERN' } }
  ])
  t.match(refused.slice(2, 4), [
    { error: { message: /'evt\.base\.>'; expected one under: evt\.summit\.<csc>\.<index>\.<topic>$/ } },
    { error: { message: /expected one under: evt\.summit\.<csc>\.<index>\.<topic>$/ } }
  ])
  await client.next('live')
  t.ok(client.seen.some(({ subject }) => subject === evt('served')))
  const subscriptions = [{ id: 2, patterns: [{ pattern: 'hb.base.>' }] }]
  client.send({ op: 'resume', cursor: client.cursor, subscriptions })
  t.match(await client.next('subscribed', 2), { id: 2, topics: 0, refused: [{ error: { code } }] })
  const metrics = await metricsOf(gateway.port)
  t.match(metrics, /refused_total\{[^}]*code="GTW_NOT_SERVED"[^}]*\} 5/)
})

t.test(
  'a rate beside patterns that bring every message is refused by name, the others are served',
  async t => {
    const client = await LiveClient.open(gateway.port, 'json')
    t.teardown(() => client.ws.close())
    const patterns = [
      ...[
        { pattern: evt('served'), rate: 1 },
        { pattern: '*.summit.MTMount.>', rate: 1 }
      ],
      { pattern: tel('any'), quality: 'all', rate: 1 },
      ...[
        { pattern: tel('any'), rate: 1 },
        { pattern: evt('other'), quality: 'latest', rate: 1 }
      ]
    ] as const
    const code = 'GTW_RATE_OF_ALL'
    client.send({ op: 'subscribe', id: 1, patterns })
    const { refused } = await client.next('subscribed')
    t.same(
      refused.map(({ pattern, error }) => [pattern, error.code]),
      patterns.slice(0, 3).map(({ pattern }) => [pattern, code])
    )
    t.match(
      refused[0]?.error.message,
      /'evt\.summit\.MTMount\.0\.served'.*expected: 'quality' latest or minmax/
    )
    const cursor = (await client.next('live')).cursor
    client.send({ op: 'resume', cursor, subscriptions: [{ id: 2, patterns: patterns.slice(0, 1) }] })
    t.match(await client.next('subscribed', 2), { id: 2, refused: [{ error: { code } }] })
    t.equal(client.closed, undefined)
    t.match(await metricsOf(gateway.port), /refused_total\{[^}]*code="GTW_RATE_OF_ALL"[^}]*\} 4/)
  }
)

t.test(
  'who asks for more work than its budget waits, is told when too much waits, and delays nobody',
  async t => {
    const PER_SECOND = 1_000
    const SUBJECTS = 500
    const small = await startGateway(site.nats.url, { MAX_WORK_PER_SECOND: String(PER_SECOND) })
    for (let i = 0; i < SUBJECTS; i++) site.say(tel(`work${i}`))
    const beganMs = performance.now()
    // Four seconds' worth at once, then as much as time brings, and one subscription into debt.
    const mostWork = () => PER_SECOND * (4 + (performance.now() - beganMs) / 1000) + 2 * SUBJECTS
    const other = await LiveClient.open(small.port)
    const busy = await LiveClient.open(small.port)
    const FRAMES = 120
    for (let n = 0; n < FRAMES; n++) busy.send({ op: 'subscribe', id: 1, patterns: [{ pattern: '>' }] })
    for (let id = 1; id <= 20; id++) {
      other.send({ op: 'ping', id })
      await other.next('pong', id)
    }
    const answered = busy.all('live').length
    t.ok(answered * SUBJECTS <= mostWork(), `${answered} of ${FRAMES} answered while another had 20 answers`)
    t.match((await busy.next('error')).error, { code: 'GTW_TOO_FAST', canRetry: true })
    t.match(busy.all('error').at(-1), { id: 1 })
    busy.send({ op: 'ping', id: 99 })
    const stop = { csc: 'MTMount', index: 0, command: 'stop', params: {} }
    busy.send({ op: 'command', id: '01jd3xkq7m5v8w2n4p6r9t0abd', ...stop })
    t.match(await busy.next('pong'), { id: 99 })
    t.match(await busy.next('command'), { error: { code: 'CMD_NO_COMMANDER' } }, 'a stop goes out')
    const done = busy.all('live').length
    t.ok(done * SUBJECTS <= mostWork(), `pings and commands overtake its own work: ${done} of ${FRAMES} done`)
    await busy.next('live', answered + 1)
    const metrics = await metricsOf(small.port)
    const work = Number(/meridian_gateway_work_total\{[^}]*\} (\d+)/.exec(metrics)?.[1])
    t.ok(work > SUBJECTS && work <= 2 * mostWork(), `${work} units of work`)
    for (const client of [other, busy]) client.ws.close()
    t.equal(await small.end('SIGTERM'), 0)
  }
)

t.test('upgrades that are not served here are refused with a code', async t => {
  const refusal = async (
    path: string,
    protocols: string[],
    headers: Record<string, string> = {}
  ): Promise<number> => {
    const { WebSocket } = await import('ws')
    const ws = new WebSocket(`ws://127.0.0.1:${gateway.port}${path}`, protocols, { headers })
    return new Promise(resolve => {
      ws.on('error', () => {})
      ws.on('unexpected-response', (_request, response) => resolve(response.statusCode ?? 0))
      ws.on('open', () => {
        ws.close()
        resolve(101)
      })
    })
  }
  const ours = ['meridian.v1.json']
  t.equal(await refusal('/other', ours), 400)
  t.equal(await refusal('/live', ['graphql']), 400)
  t.equal(await refusal('/live', ours, { origin: 'https://evil.example' }), 403)
  t.equal(await refusal('/live', ours, { origin: `http://127.0.0.1:${gateway.port}` }), 101)
  const front = { origin: 'http://front:1', 'x-forwarded-host': 'front:1' }
  t.equal(await refusal('/live', ours, front), 403, 'nobody said that this proxy is to be trusted')
})
