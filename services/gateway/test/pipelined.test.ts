import { connect } from 'node:net'
import { waitFor } from '@meridian/testing'
import t from 'tap'
import { EventClient } from './event-client.ts'
import { startGatewayInside } from './gateway-inside.ts'
import { metricsOf } from './gateway-process.ts'
import { startObservatory } from './observatory.ts'

// Several requests for events in one connection, none of which waits for the answer before it [RFC 9112, 9.3.2].

const site = await startObservatory()
t.teardown(() => site.stop())
const PATH = '/live/events?topics=evt.summit.MTMount.0.state'
const FROM = { 'x-forwarded-for': '203.0.113.1' }
const SHARE = 4
const { port } = await startGatewayInside(t, site.nats.url, {
  ...{ TRUSTED_PROXIES: 'loopback', MAX_CONNECTIONS_PER_ADDRESS: String(SHARE) }
})

const connections = async (): Promise<number> =>
  Number(/meridian_gateway_event_streams\{[^}]*\} (\d+)/.exec(await metricsOf(port))?.[1])
const refusals = async (): Promise<number> =>
  Number(/refused_total\{[^}]*code="NET_BAD_REQUEST"[^}]*\} (\d+)/.exec(await metricsOf(port))?.[1] ?? 0)
const opened = (): EventClient => new EventClient(port, PATH.replace(/.*\?/, ''), FROM)

t.test('of pipelined requests the first alone is served, and nothing of them stays', async t => {
  const head = `GET ${PATH} HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Forwarded-For: ${FROM['x-forwarded-for']}\r\n\r\n`
  for (let round = 1; round <= 2; round++) {
    const socket = connect(port, '127.0.0.1')
    t.teardown(() => socket.destroy())
    let text = ''
    socket.on('data', chunk => (text += chunk))
    socket.write(head.repeat(SHARE * 2))
    await waitFor(
      async () => text.includes('event: live') && (await refusals()) === round * (SHARE * 2 - 1),
      {
        what: 'one answer, and that the others are refused'
      }
    )
    t.equal(await connections(), 1)
    socket.destroy()
    await waitFor(async () => (await connections()) === 0, { what: 'it is forgotten' })
  }
  const readers = Array.from({ length: SHARE }, opened)
  for (const reader of readers) t.teardown(() => reader.close())
  await Promise.all(readers.map(reader => reader.next('live')))
  t.equal((await opened().ended()).status, 429, 'the share of the address is what it was')
})

t.test('a request behind another answer is told so once that is done, and its connection ends', async t => {
  const socket = connect(port, '127.0.0.1')
  t.teardown(() => socket.destroy())
  let text = ''
  socket.on('data', chunk => (text += chunk))
  const rest = ' HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n'
  socket.write(`GET /livez${rest}GET ${PATH}${rest}`)
  await waitFor(() => socket.destroyed || socket.readableEnded, { what: 'the end of the connection' })
  t.match(text, /HTTP\/1.1 200 [\s\S]*HTTP\/1.1 400 [\s\S]*connection: close[\s\S]*"NET_BAD_REQUEST"/i)
})
