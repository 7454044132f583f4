import { randomBytes } from 'node:crypto'
import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import type { Socket } from 'node:net'
import { waitFor } from '@meridian/testing'
import t from 'tap'
import { startGatewayInside } from './gateway-inside.ts'
import { metricsOf } from './gateway-process.ts'
import { startObservatory } from './observatory.ts'
import { OPCODE, RawSocket, wireFrameOf } from './raw-socket.ts'
import { runCase } from './run-websocket-case.ts'
import { webSocketCases } from './websocket-cases.ts'

const site = await startObservatory()
t.teardown(() => site.stop())
const gateway = await startGatewayInside(t, site.nats.url)

t.test('every case of WebSocket itself ends as RFC 6455 and our close codes say', async t => {
  for (const one of webSocketCases) await runCase(t, gateway.port, one)
})

for (const [name, opcode] of [
  ['pings', OPCODE.ping],
  ['pongs that nobody asked for', OPCODE.pong]
] as const)
  t.test(
    `more ${name} than frames are taken are refused, counted, and end the connection with 1013`,
    async t => {
      const flood = (count: number): Buffer =>
        Buffer.concat(Array.from({ length: count }, (_, i) => wireFrameOf({ opcode, payload: String(i) })))
      const isRefused = ({ op, error }: Record<string, unknown>): boolean =>
        op === 'error' && (error as { code: string }).code === 'GTW_TOO_FAST'
      const refusals = async (): Promise<number> =>
        Number(
          /refused_total\{[^}]*code="GTW_TOO_FAST"[^}]*\} (\d+)/.exec(await metricsOf(gateway.port))?.[1] ?? 0
        )
      const before = await refusals()
      const raw = await RawSocket.open(gateway.port)
      await raw.write(flood(300))
      await raw.whenTrue(() => raw.records().some(isRefused), 'a refusal')
      t.equal(raw.closeCode(), undefined, 'the first refusals end nothing')
      await raw.write(flood(1_500))
      await raw.whenEnded(`a flood of ${name}`)
      t.equal(raw.closeCode(), 1013)
      t.ok((await refusals()) - before >= 500)
    }
  )

t.test('answers to pings that a client does not read are bounded, whatever its rate', async t => {
  const { port } = await startGatewayInside(t, site.nats.url, { MAX_FRAMES_PER_SECOND: '10000000' })
  const raw = await RawSocket.open(port)
  raw.socket.pause()
  const pings = Buffer.concat(
    Array.from({ length: 1_000 }, () => wireFrameOf({ opcode: OPCODE.ping, payload: 'x'.repeat(125) }))
  )
  for (let i = 0; i < 300; i++) await raw.write(pings)
  await waitFor(async () => /gateway_connections\{[^}]*\} 0/.test(await metricsOf(port)), {
    what: 'the connection to be ended'
  })
  t.match(await metricsOf(port), /refused_total\{[^}]*code="GTW_TOO_FAST"[^}]*\} [1-9]/)
  raw.socket.destroy()
})

t.test('the welcome goes out in one piece with the answer to the upgrade', async t => {
  const sizes: number[][] = []
  const onSocket = (message: unknown): void => {
    const { socket } = message as { readonly socket: Socket }
    const write = socket._write.bind(socket)
    const writev = socket._writev?.bind(socket)
    socket._write = (chunk, encoding, done) => {
      sizes.push([chunk.length])
      write(chunk, encoding, done)
    }
    socket._writev = (chunks, done) => {
      sizes.push(chunks.map(({ chunk }) => chunk.length))
      writev?.(chunks, done)
    }
  }
  subscribe('net.server.socket', onSocket)
  t.teardown(() => unsubscribe('net.server.socket', onSocket))
  const raw = await RawSocket.open(gateway.port)
  await raw.whenTrue(() => raw.frames.length > 0, 'the welcome')
  t.equal(sizes.length, 1, JSON.stringify(sizes))
  raw.socket.destroy()
})

t.test('control frames come whole between frames that are written past the library', async t => {
  const raw = await RawSocket.open(gateway.port)
  const patterns = [{ pattern: 'evt.summit.Flood.>' }]
  await raw.send({ opcode: OPCODE.text, payload: JSON.stringify({ op: 'subscribe', id: 1, patterns }) })
  await raw.whenTrue(() => raw.records().some(({ op }) => op === 'live'), 'live')
  const payloads: string[] = []
  const numbers: number[] = []
  for (let round = 0; round < 100; round++) {
    const sizes = [1, 110, 126, 300, 70_000]
    const puts = sizes.map((size, i) => site.put(`evt.summit.Flood.${i}.step`, { x: 'x'.repeat(size) }))
    const payload = randomBytes(round)
    payloads.push(payload.toString('hex'))
    await raw.send({ opcode: OPCODE.ping, payload })
    await raw.send({ opcode: OPCODE.text, payload: JSON.stringify({ op: 'ping', id: round }) })
    numbers.push(...(await Promise.all(puts)))
  }
  const seqs = (): unknown[] =>
    raw.records().flatMap(record => (Array.isArray(record) ? [(record as unknown[])[1]] : []))
  await raw.whenTrue(() => seqs().length === numbers.length, 'everything')
  t.equal(raw.fault, undefined)
  t.same(
    seqs().sort((a, b) => Number(a) - Number(b)),
    numbers.sort((a, b) => a - b)
  )
  const pongs = () => raw.frames.filter(({ opcode }) => opcode === OPCODE.pong)
  await raw.whenTrue(() => pongs().length === payloads.length, 'every pong')
  t.same(
    pongs().map(({ payload }) => payload.toString('hex')),
    payloads
  )
  raw.socket.destroy()
})
