import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { constants, deflateRawSync } from 'node:zlib'
import { createFrameComposer, type Frame, payloadOf } from '@meridian/fanout'
import { waitFor } from '@meridian/testing'
import t from 'tap'
import { WebSocket, WebSocketServer } from 'ws'
import { FrameSocket, mayWriteDirectly } from '../src/frame-socket.ts'
import { createDeflater } from '../src/wire-frame.ts'
import { startGatewayInside } from './gateway-inside.ts'
import { metricsOf } from './gateway-process.ts'
import { LiveClient } from './live-client.ts'
import { startObservatory } from './observatory.ts'
import { OPCODE, RawSocket, type ServerFrame, textOf } from './raw-socket.ts'

const OFFER = 'permessage-deflate; client_max_window_bits'
const DEFLATED = /meridian_gateway_deflated_bytes_total\{[^}]*stage="before"[^}]*\} (\d+)/
const TOO_LARGE = /meridian_gateway_refused_total\{[^}]*GTW_FRAME_TOO_LARGE[^}]*\} (\d+)/
const BOTH = 'server_no_context_takeover; client_no_context_takeover'

const site = await startObservatory()
t.teardown(() => site.stop())
const gateway = await startGatewayInside(t, site.nats.url)

const subscribe = (pattern: string, id = 1): string =>
  JSON.stringify({ op: 'subscribe', id, patterns: [{ pattern }] })
const deflated = (text: string | Buffer): Buffer =>
  deflateRawSync(text, { finishFlush: constants.Z_SYNC_FLUSH }).subarray(0, -4)

async function metricOf(line: RegExp, port = gateway.port): Promise<number> {
  const text = await metricsOf(port)
  return Number(text.match(line)?.[1] ?? 0)
}

/** Waits for the message that holds `text`, compressed or not. */
async function messageOf(socket: RawSocket, text: string): Promise<ServerFrame> {
  const find = (): ServerFrame | undefined =>
    socket.frames.find(frame => frame.opcode === OPCODE.text && textOf(frame).includes(text))
  await socket.whenTrue(() => find() !== undefined, `a message with ${text}`)
  return find() as ServerFrame
}

async function closeCodeOf(socket: RawSocket): Promise<number | undefined> {
  await socket.whenTrue(() => socket.closeCode() !== undefined, 'a close frame')
  return socket.closeCode()
}

/** A sample that is long enough to be compressed, told from others by `n`. */
const long = (n: number): Record<string, unknown> => ({ n, text: 'azimuth elevation '.repeat(50) })

t.test('compression is negotiated without context, and what cannot be taken is left out', async t => {
  for (const [offers, taken] of [
    [undefined, ''],
    [OFFER, `permessage-deflate; ${BOTH}`],
    [`permessage-deflate; server_max_window_bits=9`, `permessage-deflate; server_max_window_bits=9; ${BOTH}`],
    ['permessage-deflate; unheard_of=1', ''],
    ['permessage-deflate; server_max_window_bits=77, permessage-deflate', `permessage-deflate; ${BOTH}`],
    ['x-webkit-deflate-frame', '']
  ] as const) {
    const socket = await RawSocket.open(gateway.port, 'json', offers)
    t.equal(socket.extensions, taken, offers ?? 'no offer')
    socket.socket.destroy()
  }
  await t.rejects(RawSocket.open(gateway.port, 'json', 'permessage-deflate;'), /400.*GTW_BAD_UPGRADE/s)
})

t.test('samples come compressed, the same bytes to whoever negotiated it, with pings between', async t => {
  const offers = [undefined, OFFER, OFFER, 'permessage-deflate; server_max_window_bits=9']
  const sockets = await Promise.all(offers.map(offer => RawSocket.open(gateway.port, 'json', offer)))
  const payload = subscribe('evt.summit.MTMount.0.shared')
  for (const socket of sockets) await socket.send({ opcode: OPCODE.text, payload })
  for (const socket of sockets) await messageOf(socket, '"live"')
  const before = await metricOf(DEFLATED)
  let shared = 0
  for (const text of ['{"n":1', '{"n":2', '{"n":3']) {
    await site.put('evt.summit.MTMount.0.shared', long(Number(text.at(-1))))
    for (const socket of sockets) await socket.send({ opcode: OPCODE.ping, payload: text })
    const [plain, one, other, small] = await Promise.all(sockets.map(socket => messageOf(socket, text)))
    t.same(
      [plain, one, other, small].map(f => f?.isDeflated),
      [false, true, true, false]
    )
    t.ok(other?.payload.equals(one?.payload ?? Buffer.alloc(0)), 'the same bytes')
    t.same(small?.payload, plain?.payload, 'what is longer than a window comes as it is')
    t.equal(plain?.payload.toString(), one === undefined ? '' : textOf(one))
    shared += plain?.payload.length ?? 0
  }
  t.equal((await metricOf(DEFLATED)) - before, shared, 'each was deflated once')
  t.ok((await metricOf(/meridian_gateway_saved_bytes_total\{[^}]*\} (\d+)/)) > shared)
  for (const socket of sockets) {
    const isPong = ({ opcode }: ServerFrame): boolean => opcode === OPCODE.pong
    await socket.whenTrue(() => socket.frames.filter(isPong).length === 3, 'three pongs')
    t.equal(socket.fault, undefined, 'and no control frame is compressed')
    socket.socket.destroy()
  }
})

t.test('last values come compressed, short answers do not', async t => {
  for (let i = 0; i < 40; i++) await site.put(`tel.summit.ESS.${i}.temperature`, long(i))
  const socket = await RawSocket.open(gateway.port, 'json', OFFER)
  t.notOk((await messageOf(socket, '"welcome"')).isDeflated)
  await socket.send({ opcode: OPCODE.text, payload: subscribe('tel.summit.ESS.*.temperature', 7) })
  const snapshot = await messageOf(socket, '"subscribed"')
  t.ok(snapshot.isDeflated)
  t.ok(snapshot.payload.length < textOf(snapshot).length / 10)
  await socket.send({ opcode: OPCODE.text, payload: subscribe('tel.summit.None.0.*', 8) })
  t.notOk((await messageOf(socket, '"subscribed","id":8')).isDeflated, 'too short to gain by it')
  socket.socket.destroy()
})

t.test('what a client compresses is read, in one frame or several, and a bomb ends it alone', async t => {
  const socket = await RawSocket.open(gateway.port, 'json', OFFER)
  await socket.send({ opcode: OPCODE.text, payload: deflated('{"op":"ping","id":1}'), rsv: 4 })
  await messageOf(socket, '"pong","id":1')
  const parts = deflated(`{"op":"ping","id":2,"x":"${'y'.repeat(500)}"}`)
  await socket.send({ opcode: OPCODE.text, payload: parts.subarray(0, 5), rsv: 4, fin: false })
  await socket.send({ opcode: OPCODE.ping, payload: 'between' })
  await socket.send({ opcode: OPCODE.continuation, payload: parts.subarray(5) })
  await socket.whenTrue(() => socket.frames.some(f => textOf(f).includes('GTW_BAD_FRAME')), 'an answer')
  await socket.send({ opcode: OPCODE.text, payload: '{"op":"ping","id":3}' })
  await messageOf(socket, '"pong","id":3')
  const before = await metricOf(TOO_LARGE)
  await socket.send({
    opcode: OPCODE.text,
    payload: deflated(Buffer.alloc(30 << 20)).subarray(0, 65_000),
    rsv: 4
  })
  t.equal(await closeCodeOf(socket), 1009)
  t.equal(await metricOf(TOO_LARGE), before + 1)
  socket.socket.destroy()
  for (const [opcode, payload, code] of [
    [OPCODE.text, 'this is not deflated', 1007],
    [OPCODE.ping, '', 1002]
  ] as const) {
    const broken = await RawSocket.open(gateway.port, 'json', OFFER)
    await broken.send({ opcode, payload, rsv: 4 })
    t.equal(await closeCodeOf(broken), code)
    broken.socket.destroy()
  }
  const unnegotiated = await RawSocket.open(gateway.port)
  await unnegotiated.send({ opcode: OPCODE.text, payload: deflated('{"op":"ping","id":1}'), rsv: 4 })
  t.equal(await closeCodeOf(unnegotiated), 1002)
  unnegotiated.socket.destroy()
})

t.test('COMPRESSION=false offers nothing', async t => {
  const off = await startGatewayInside(t, site.nats.url, { COMPRESSION: 'false' })
  const socket = await RawSocket.open(off.port, 'json', OFFER)
  t.equal(socket.extensions, '')
  socket.socket.destroy()
  const client = await LiveClient.open(off.port, 'msgpack', { perMessageDeflate: true })
  t.equal(client.ws.extensions, '')
  client.ws.close()
})

t.test('the pinned ws has the inside that shared compression relies on', async t => {
  const server = createServer()
  const options = { serverNoContextTakeover: true, clientNoContextTakeover: true }
  const wss = new WebSocketServer({ server, perMessageDeflate: options })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.teardown(() => server.close())
  const url = `ws://127.0.0.1:${(server.address() as AddressInfo).port}`
  const client = new WebSocket(url, { perMessageDeflate: { threshold: 0 } })
  const received: Buffer[] = []
  client.on('message', data => received.push(data as Buffer))
  const [ws] = (await once(wss, 'connection')) as [WebSocket]
  if (client.readyState !== WebSocket.OPEN) await once(client, 'open')
  const deflater = createDeflater()
  const socket = new FrameSocket(ws, deflater)
  const frames = [100, 300, 5_000, 70_000, 131_000].map(size => frameOf(size))
  for (const frame of frames) {
    socket.write(frame)
    ws.ping()
    t.ok(mayWriteDirectly(ws), 'nothing waits for zlib')
  }
  await waitFor(() => received.length === frames.length, { what: 'all frames' })
  for (const [i, frame] of frames.entries()) t.ok(received[i]?.equals(payloadOf(frame)))
  t.ok(deflater.counts.saved > 190_000)
  ws.send('fragments of ws itself ', { fin: false, compress: false })
  ws.send('stay whole', { fin: true })
  await waitFor(() => received.length === frames.length + 1, { what: 'the message of ws' })
  t.equal(received.at(-1)?.toString(), 'fragments of ws itself stay whole')
  const { 'permessage-deflate': inside } = (ws as unknown as { _extensions: Record<string, object> })
    ._extensions
  for (const text of ['one', 'two']) {
    client.send(text.repeat(100))
    const [data] = (await once(ws, 'message')) as [Buffer]
    t.equal(data.toString(), text.repeat(100))
    t.match(inside, { _inflate: null, _deflate: null }, 'no memory is kept')
  }
  client.close()
  await once(client, 'close')
})

t.test('a connection that keeps a context is never written to as if it had none', async t => {
  const server = createServer()
  const wss = new WebSocketServer({ server, perMessageDeflate: true })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.teardown(() => server.close())
  const client = new WebSocket(`ws://127.0.0.1:${(server.address() as AddressInfo).port}`)
  const [ws] = (await once(wss, 'connection')) as [WebSocket]
  const deflater = createDeflater()
  const frame = frameOf(5_000)
  const message = once(client, 'message')
  new FrameSocket(ws, deflater).write(frame)
  t.ok(((await message)[0] as Buffer).equals(payloadOf(frame)))
  t.equal(deflater.counts.before, 0)
  client.close()
  await once(client, 'close')
})

const frameOf = (size: number): Frame =>
  createFrameComposer().composeSamples('msgpack', [Buffer.alloc(size, 'azimuth ')], 0)[0] as Frame
