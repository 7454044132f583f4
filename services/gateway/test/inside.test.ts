import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { storedJson } from '@meridian/broker/testing'
import { createFrameComposer, type Frame, payloadOf } from '@meridian/fanout'
import { everythingBelow } from '@meridian/subjects'
import { waitFor } from '@meridian/testing'
import t from 'tap'
import { WebSocket, WebSocketServer } from 'ws'
import { FrameSocket, mayWriteDirectly } from '../src/frame-socket.ts'
import type { GatewayAccess } from '../src/gateway.ts'
import { createDeflater, wireOf } from '../src/wire-frame.ts'
import { startGatewayInside, withRole } from './gateway-inside.ts'
import { LiveClient } from './live-client.ts'
import { startObservatory } from './observatory.ts'

const composer = createFrameComposer()
const frameOf = (codec: 'msgpack' | 'json', size: number): Frame =>
  composer.compose(codec, [Buffer.alloc(size, 0x31)], 0)[0] as Frame

t.test(
  'the pinned ws has the inside that direct writing relies on, and messages of every size arrive whole',
  async t => {
    const server = createServer()
    const wss = new WebSocketServer({ server, perMessageDeflate: false })
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    t.teardown(() => server.close())
    const client = new WebSocket(`ws://127.0.0.1:${(server.address() as AddressInfo).port}`)
    const received: { data: Buffer; isBinary: boolean }[] = []
    client.on('message', (data, isBinary) => received.push({ data: data as Buffer, isBinary }))
    const [ws] = (await once(wss, 'connection')) as [WebSocket]
    if (client.readyState !== WebSocket.OPEN) await once(client, 'open')
    t.ok(mayWriteDirectly(ws), 'idle')
    const socket = new FrameSocket(ws, createDeflater())
    const frames = (['msgpack', 'json'] as const).flatMap(codec =>
      [1, 100, 122, 123, 124, 125, 130, 65_530, 65_533, 65_536, 300_000].map(size => frameOf(codec, size))
    )
    for (const frame of frames) {
      socket.write(frame)
      ws.ping()
    }
    ws.send('from the library itself')
    while (received.length < frames.length + 1) await once(client, 'message')
    for (const [i, frame] of frames.entries()) {
      t.ok(received[i]?.data.equals(payloadOf(frame)), `${payloadOf(frame).length} bytes`)
      t.equal(received[i]?.isBinary, frame.codec === 'msgpack')
      t.equal(frame.wire, wireOf(frame), 'framed once')
    }
    ws.send('the first half, ', { fin: false })
    ws.send('and the second', { fin: true })
    ws.close()
    t.notOk(mayWriteDirectly(ws), 'closing')
    socket.write(frames[0] as Frame)
    await once(client, 'close')
  }
)

t.test('what a principal may not read is refused by name, with the roles that may', async t => {
  const site = await startObservatory()
  t.teardown(() => site.stop())
  const authenticate: NonNullable<GatewayAccess['authenticate']> = async request => ({
    name: String(request.headers['x-user']),
    roles: ['watcher']
  })
  const settings = withRole(t, '{ read: ["*.*.MTMount.>"] }')
  const gateway = await startGatewayInside(t, site.nats.url, settings, { authenticate })
  await site.put('evt.summit.MTMount.0.a')
  await site.put('evt.summit.MTDome.0.a')
  const client = await LiveClient.open(gateway.port, 'json', { headers: { 'x-user': 'ada' } })
  t.match(await client.next('welcome'), { principal: 'ada' })
  const patterns = [{ pattern: '>' }, { pattern: 'evt.summit.MTDome.0.a' }]
  client.send({ op: 'subscribe', id: 1, patterns })
  t.match((await client.next('subscribed')).refused, [
    {
      pattern: 'evt.summit.MTDome.0.a',
      error: {
        code: 'AUT_NOT_READABLE',
        facts: { roles: ['viewer', 'operator', 'administrator'], principal: 'ada' }
      }
    }
  ])
  await client.next('live')
  await client.hasSeen(1)
  t.same(
    client.seen.map(s => s.subject),
    ['evt.summit.MTMount.0.a']
  )
  client.ws.close()
  const told = () => storedJson(site.broker, 'AUDIT', everythingBelow('audit', { site: 'summit' }))
  await waitFor(async () => (await told()).length > 0, { what: 'the refusal in the audit' })
  t.match(await told(), [
    {
      ...{ what: 'read-refused', name: 'ada', address: '127.0.0.1', code: 'AUT_NOT_READABLE' },
      about: ['evt.summit.MTDome.0.a']
    }
  ])

  for (const topic of ['b', 'c']) await site.put(`evt.summit.MTMount.0.${topic}`)
  const small = await startGatewayInside(t, site.nats.url, { ...settings, MAX_TOPICS: '1' })
  const other = await LiveClient.open(small.port, 'json')
  t.teardown(() => other.ws.close())
  other.send({ op: 'subscribe', id: 1, patterns: [{ pattern: '>' }] })
  const { refused } = await other.next('subscribed')
  t.match(refused, [{ error: { code: 'GTW_TOO_MANY_TOPICS', facts: { leftOut: 2 } } }])
  t.equal(
    refused[0]?.pattern,
    '>',
    'what is taken in part is named as it was asked for, not as the role makes it'
  )
  const answer = await fetch(`http://127.0.0.1:${small.port}/live/events?topics=raw.>`)
  t.match(await answer.json(), { error: { code: 'GTW_NOT_SERVED', message: /'raw\.>'/ } })
})
