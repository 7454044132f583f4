/**
 * Classes 12 and 13 of Autobahn's suite, for what we frame ourselves: messages of 16 bytes to 128 KB, of text
 * that shrinks and text that does not, to clients of every window and codec at once, with pings between; and the
 * same sizes from clients, deflated in every way that zlib has, whole and in fragments, in bytes that come one by one.
 */
import { createHash } from 'node:crypto'
import { constants, deflateRawSync, inflateRawSync } from 'node:zlib'
import { type Codec, encodeClientFrame, parseServerMessage, type ServerRecord } from '@meridian/protocol/live'
import { waitFor } from '@meridian/testing'
import t, { type Test } from 'tap'
import { startGatewayInside } from '../test/gateway-inside.ts'
import { startObservatory } from '../test/observatory.ts'
import { OPCODE, RawSocket, type ServerFrame, wireFrameOf } from '../test/raw-socket.ts'

t.setTimeout(300_000)
const SIZES = [16, 64, 255, 256, 1_024, 4_096, 8_192, 16_384, 32_768, 65_536, 131_072]
const WINDOWS = [undefined, 8, 9, 10, 11, 12, 13, 14, 15]
const SUBJECT = 'evt.summit.Test.0.sized'

const site = await startObservatory()
t.teardown(() => site.stop())
const gateway = await startGatewayInside(t, site.nats.url, { MAX_FRAMES_PER_SECOND: '1000000' })

/** Bytes that look random, the same in each run. */
const noise = (seed: string, bytes: number): Buffer =>
  createHash('shake256', { outputLength: bytes }).update(seed).digest()

const texts = {
  shrinks: (size: number) => 'azimuth 12.5 '.repeat(size).slice(0, size),
  'hardly shrinks': (size: number) => noise(`${size}`, size).toString('base64').slice(0, size),
  'does both': (size: number) =>
    `${noise(`${size}`, size)
      .toString('hex')
      .slice(0, size / 2)}${' '.repeat(size / 2)}`
}

/** The bytes of a message as a client of this window reads it: whole, and with nothing before it. */
function contentOf({ payload, isDeflated }: ServerFrame, windowBits = 15): Buffer {
  if (!isDeflated) return payload
  const whole = Buffer.concat([payload, Buffer.of(0, 0, 0xff, 0xff)])
  // zlib inflates with 9 bits at least; what it deflates with 8 it counts as 9.
  return inflateRawSync(whole, { windowBits: Math.max(9, windowBits), finishFlush: constants.Z_SYNC_FLUSH })
}

const isMessage = ({ opcode }: ServerFrame): boolean => opcode === OPCODE.text || opcode === OPCODE.binary
const offerOf = (bits: number | undefined): string =>
  bits === undefined ? 'permessage-deflate' : `permessage-deflate; server_max_window_bits=${bits}`

/** What a client of this window was sent, as records. */
const recordsOf = (socket: RawSocket, codec: Codec, windowBits: number | undefined): ServerRecord[] =>
  socket.frames.filter(isMessage).flatMap(frame => {
    const content = contentOf(frame, windowBits)
    return parseServerMessage(codec === 'json' ? content.toString() : content)
  })

/** Puts every text in every size, each with a ping ahead to all; gives them in their order. */
async function sayAll(sockets: readonly RawSocket[]): Promise<readonly string[]> {
  const sent: string[] = []
  for (const [kind, textOfSize] of Object.entries(texts))
    for (const size of SIZES) {
      sent.push(textOfSize(size))
      for (const socket of sockets) await socket.send({ opcode: OPCODE.ping, payload: `${kind} ${size}` })
      await site.put(SUBJECT, { text: sent.at(-1) })
    }
  return sent
}

async function readsAll(t: Test, codec: Codec): Promise<void> {
  const sockets = await Promise.all(WINDOWS.map(bits => RawSocket.open(gateway.port, codec, offerOf(bits))))
  const request = { op: 'subscribe', id: 1, patterns: [{ pattern: SUBJECT }] } as const
  const opcode = codec === 'json' ? OPCODE.text : OPCODE.binary
  for (const socket of sockets) await socket.send({ opcode, payload: encodeClientFrame(codec, request) })
  const isLive = (socket: RawSocket, at: number): boolean =>
    recordsOf(socket, codec, WINDOWS[at]).some(record => 'op' in record && record.op === 'live')
  await waitFor(() => sockets.every(isLive), { what: 'all to be live', timeoutMs: 60_000 })
  for (const socket of sockets) socket.frames.length = 0
  const sent = await sayAll(sockets)
  for (const [at, socket] of sockets.entries()) {
    const got = (): unknown[] =>
      recordsOf(socket, codec, WINDOWS[at]).flatMap(record => ('op' in record ? [] : [record[3]['text']]))
    await waitFor(() => got().length >= sent.length, { what: 'all messages', timeoutMs: 60_000 })
    t.ok(got().join('\n') === sent.join('\n'), `${codec}, window ${WINDOWS[at]}`)
    t.equal(socket.fault, undefined)
    socket.socket.destroy()
  }
}

t.test('every client reads every size, whatever its window and codec', async t => {
  for (const codec of ['json', 'msgpack'] as const) await readsAll(t, codec)
})

t.test(
  'whatever a client deflates is read: each level, strategy and window, whole, in fragments, byte by byte',
  async t => {
    const socket = await RawSocket.open(gateway.port, 'json', 'permessage-deflate; client_max_window_bits')
    let id = 0
    const ways = [1, 6, 9].flatMap(level =>
      [0, 1, 2, 3, 4].flatMap(strategy => [9, 12, 15].map(windowBits => ({ level, strategy, windowBits })))
    )
    for (const way of ways)
      for (const size of [30, 300, 5_000, 60_000]) {
        const text = `{"op":"ping",${' '.repeat(size)}"id":${++id}}`
        const deflated = deflateRawSync(text, { ...way, finishFlush: constants.Z_SYNC_FLUSH }).subarray(0, -4)
        const cut = id % 3 === 0 ? deflated.length : Math.floor(deflated.length / 2)
        const isWhole = cut === deflated.length
        const first = { opcode: OPCODE.text, payload: deflated.subarray(0, cut), rsv: 4, fin: isWhole }
        const rest = { opcode: OPCODE.continuation, payload: deflated.subarray(cut) }
        const frames = isWhole ? [first] : [first, { opcode: OPCODE.ping, payload: 'between' }, rest]
        const bytes = Buffer.concat(frames.map(frame => wireFrameOf(frame)))
        await socket.write(bytes, size === 300 ? 1 : bytes.length)
      }
    const pongs = (): number => socket.frames.filter(f => isMessage(f) && f.payload.includes('"pong"')).length
    await waitFor(() => pongs() === id || socket.isEnded, { what: 'an answer to each', timeoutMs: 120_000 })
    t.equal(pongs(), id)
    t.equal(socket.fault, undefined)
    socket.socket.destroy()
  }
)
