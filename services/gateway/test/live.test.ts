import { setTimeout as sleep } from 'node:timers/promises'
import { waitFor } from '@meridian/testing'
import t from 'tap'
import { metricsOf, startGateway } from './gateway-process.ts'
import { LiveClient, type Seen } from './live-client.ts'
import { startObservatory } from './observatory.ts'

// A quarter of a minute by itself; a machine that does much else may take several times as long.
const site = await startObservatory()
t.teardown(() => site.stop())
const gateway = await startGateway(site.nats.url)
t.teardown(() => gateway.end('SIGKILL'))
const evt = (topic: string): string => `evt.summit.MTMount.0.${topic}`
const tel = (topic: string): string => `tel.summit.MTMount.0.${topic}`
const numbers = (seen: readonly Seen[], subject: string): unknown[] =>
  seen.filter(s => s.subject === subject).map(s => s.fields['n'])

t.test('it says who it is, that it is ready and what it counts', async t => {
  const client = await LiveClient.open(gateway.port)
  t.match(await client.next('welcome'), {
    protocol: 1,
    site: 'summit',
    principal: 'anonymous',
    broker: 'connected'
  })
  const ticks = /meridian_gateway_tick_seconds_count\{service="gateway"\} [1-9]/
  const metrics = await waitFor(
    async () => {
      const page = await metricsOf(gateway.port)
      return ticks.test(page) && page
    },
    { what: 'the first tick is counted' }
  )
  t.match(metrics, /meridian_gateway_connections\{service="gateway"\} 1/)
  t.match(metrics, /meridian_gateway_tick_late_seconds_count\{service="gateway"\} [1-9]/)
  for (const stream of ['TEL', 'EVT', 'SCRIPT', 'COMMANDS'])
    t.match(metrics, `meridian_gateway_stream_lag_messages{stream="${stream}",service="gateway"} 0`)
  client.ws.close()
})

t.test('other gateways and the nats tool see it', async t => {
  const loads: { readonly ready: boolean }[] = []
  const heartbeats = site.broker.subscribe('gw.summit.load', message => {
    loads.push(JSON.parse(message.text()))
  })
  // It is told as ready when balancers have had the time to see it.
  await waitFor(() => loads.some(({ ready }) => ready), { what: 'a heartbeat that says ready' })
  heartbeats.unsubscribe()
  t.match(loads.at(-1), { v: 1, conns: Number, egressBps: Number, elu: Number, ready: true, draining: false })
  const ping = await site.broker.request('$SRV.PING.gateway', '', { timeoutMs: 5_000 })
  t.match(JSON.parse(ping.text()), { name: 'gateway' })
})

t.test(
  'a client that joins under load gets last values and then every message, 100 of 100 times',
  async t => {
    const subjects = Array.from({ length: 20 }, (_, i) => (i % 2 === 0 ? evt(`e${i}`) : tel(`t${i}`)))
    let running = true
    const load = (async () => {
      while (running) {
        for (const subject of subjects) site.say(subject)
        await sleep(8)
      }
    })()
    let gapless = 0
    for (let i = 0; i < 100; i++) {
      const client = await LiveClient.open(gateway.port, i % 2 === 0 ? 'msgpack' : 'json')
      const patterns = [{ pattern: evt('*') }, { pattern: tel('*'), quality: 'all' as const }]
      client.send({ op: 'subscribe', id: 1, patterns })
      await client.next('live')
      await client.hasSeen(client.seen.length + 100)
      client.ws.close()
      const holes = subjects.filter(subject => {
        const seen = numbers(client.seen, subject) as number[]
        return seen.length === 0 || seen.some((n, k) => n !== (seen[0] as number) + k)
      })
      if (holes.length === 0) gapless++
    }
    running = false
    await load
    t.equal(gapless, 100)
  }
)

t.test('two clients watch one topic at two rates', async t => {
  const subject = tel('encoders')
  const fast = await LiveClient.open(gateway.port)
  const slow = await LiveClient.open(gateway.port, 'json')
  fast.send({ op: 'subscribe', id: 1, patterns: [{ pattern: subject, rate: 20, fields: ['n'] }] })
  slow.send({ op: 'subscribe', id: 1, patterns: [{ pattern: subject, rate: 1 }] })
  await Promise.all([fast.next('live'), slow.next('live')])
  const began = performance.now()
  while (performance.now() - began < 2_500) {
    site.say(subject)
    await sleep(10)
  }
  const last = site.count(subject)
  await waitFor(() => [fast, slow].every(c => c.seen.at(-1)?.fields['n'] === last), {
    what: 'both to converge'
  })
  // A busy machine sends less than the rate, never more; the two keep their distance.
  const seconds = (performance.now() - began) / 1000
  const counts = `${fast.seen.length} at 20/s and ${slow.seen.length} at 1/s in ${seconds.toFixed(1)} s`
  t.ok(fast.seen.length <= 20 * seconds + 10 && slow.seen.length <= seconds + 3, counts)
  t.ok(slow.seen.length >= 2 && fast.seen.length > 2 * slow.seen.length, counts)
  for (const client of [fast, slow]) client.ws.close()
})

t.test('a stuck client never delays another, and is told to come back when it reads again', async t => {
  const small = await startGateway(site.nats.url, { MAX_BUFFERED_BYTES: '1000000' })
  const subject = evt('images')
  const good = await LiveClient.open(small.port)
  const stuck = await LiveClient.open(small.port)
  for (const client of [good, stuck])
    client.send({ op: 'subscribe', id: 1, patterns: [{ pattern: subject }] })
  await Promise.all([good.next('live'), stuck.next('live')])
  stuck.ws.pause()
  const pixels = 'x'.repeat(100_000)
  const isClosed = async () =>
    /meridian_gateway_slow_closed_total\{service="gateway"\} 1/.test(await metricsOf(small.port))
  let isTold = false
  for (let i = 0; i < 120; i++) {
    await site.put(subject, { pixels, i })
    await good.hasSeen(i + 1)
    // It has some seconds to read that it is closed: not those that a busy machine takes for all that follows.
    if (isTold || i % 10 !== 9 || !(await isClosed())) continue
    isTold = true
    stuck.ws.resume()
  }
  t.ok(isTold, 'the stuck one is closed')
  t.same(await stuck.whenClosed(), { code: 1013, reason: 'GTW_SLOW_CLIENT' })
  t.equal(small.output().split('client that reads too slowly is closed').length, 2)
  const back = await LiveClient.open(gateway.port)
  back.send({
    op: 'resume',
    cursor: stuck.cursor,
    subscriptions: [{ id: 1, patterns: [{ pattern: subject }] }]
  })
  t.match(await back.next('resumed'), { streams: { EVT: 'resumed' } })
  await back.next('live')
  t.same(
    [...stuck.seen, ...back.seen].map(s => s.fields['i']),
    Array.from({ length: 120 }, (_, i) => i)
  )
  for (const client of [good, back]) client.ws.close()
  t.equal(await small.end('SIGTERM'), 0)
})

t.test('commands are passed on, and their stages come back on ack', async t => {
  const client = await LiveClient.open(gateway.port)
  const id = '01jd3xkq7m5v8w2n4p6r9t0abc'
  const command = {
    op: 'command',
    id,
    csc: 'MTMount',
    index: 0,
    command: 'moveToTarget',
    params: { azimuth: 1.5 }
  } as const
  client.send(command)
  t.match(await client.next('command'), { id, error: { code: 'CMD_NO_COMMANDER', canRetry: true } })
  const asked: unknown[] = []
  const commander = site.broker.subscribe(
    'cmd.summit.*.*.*',
    message => {
      asked.push(message.subject, JSON.parse(message.text()))
      message.respond(
        JSON.stringify({
          id,
          state: 'accepted',
          acceptedAt: 1,
          notAfter: 11,
          ackSubject: `ack.summit.MTMount.0.${id}`,
          duplicate: false
        })
      )
    },
    { queue: 'commanders' }
  )
  await site.broker.flush()
  client.send({ op: 'subscribe', id: 1, patterns: [{ pattern: `ack.summit.MTMount.0.${id}` }] })
  client.send({ ...command, notAfterSeconds: 5 })
  t.match(await client.next('command', 2), { id, accepted: { state: 'accepted', notAfter: 11 } })
  t.match(asked, [
    'cmd.summit.MTMount.0.moveToTarget',
    { id, params: { azimuth: 1.5 }, principal: 'anonymous', door: 'gateway', notAfterSeconds: 5 }
  ])
  site.broker.publish(
    `ack.summit.MTMount.0.${id}`,
    JSON.stringify({ id, state: 'complete', time: 12.5, ack: 303 })
  )
  await client.hasSeen(1)
  t.match(client.seen[0], { subject: `ack.summit.MTMount.0.${id}`, fields: { state: 'complete', ack: 303 } })
  commander.unsubscribe()
  client.ws.close()
})

t.test('the broker has one consumer per stream, however many clients there are', async t => {
  const clients = await Promise.all(Array.from({ length: 30 }, () => LiveClient.open(gateway.port)))
  for (const client of clients) client.send({ op: 'subscribe', id: 1, patterns: [{ pattern: '>' }] })
  await Promise.all(clients.map(client => client.next('live')))
  const info = (await site.jetstream('STREAM.INFO.EVT')) as { state: { consumer_count: number } }
  t.equal(info.state.consumer_count, 1)
  for (const client of clients) client.ws.close()
})
