import { createHash } from 'node:crypto'
import { constants, inflateRawSync } from 'node:zlib'
import { createFrameComposer, type Frame, payloadOf } from '@meridian/fanout'
import t from 'tap'
import { createDeflater, LEAST_DEFLATED_BYTES, wireOf } from './wire-frame.ts'

/** Bytes that cannot be compressed, the same in each run. */
const noise = (bytes: number): Buffer => createHash('shake256', { outputLength: bytes }).digest()

const TRAILER = Buffer.from([0, 0, 0xff, 0xff])

/** A frame whose payload is so many bytes: the head of an array and one record. */
function samplesOf(codec: 'msgpack' | 'json', payloadBytes: number, fill?: Buffer): Frame {
  const around = codec === 'json' ? 2 : 1
  const record = fill ?? Buffer.alloc(payloadBytes - around, 'position 12.5; ')
  return createFrameComposer().composeSamples(codec, [record], 0)[0] as Frame
}

interface Parsed {
  readonly fin: boolean
  readonly rsv: number
  readonly opcode: number
  readonly payload: Buffer
}

function parse(wire: Buffer): Parsed {
  const [first = 0, second = 0] = wire
  const short = second & 0x7f
  const at = short < 126 ? 2 : short === 126 ? 4 : 10
  const length = short < 126 ? short : short === 126 ? wire.readUInt16BE(2) : Number(wire.readBigUInt64BE(2))
  if (second & 0x80) throw new Error('a server masks nothing')
  if (wire.length !== at + length) throw new Error(`${wire.length - at} bytes under a length of ${length}`)
  return { fin: first >= 0x80, rsv: (first >> 4) & 7, opcode: first & 15, payload: wire.subarray(at) }
}

/** As a client without context does, and with the window that it negotiated. */
const inflate = (payload: Buffer, windowBits = 15): Buffer =>
  inflateRawSync(Buffer.concat([payload, TRAILER]), { windowBits, finishFlush: constants.Z_SYNC_FLUSH })

t.test('a frame of any size is read back, compressed or not, with the shortest header', async t => {
  const sizes = [2, 125, 126, 255, 256, 257, 1_000, 65_535, 65_536, 131_000]
  for (const codec of ['msgpack', 'json'] as const)
    for (const size of sizes) {
      const frame = samplesOf(codec, size)
      const plain = parse(wireOf(frame))
      t.same([plain.fin, plain.rsv, plain.opcode], [true, 0, codec === 'json' ? 1 : 2])
      t.equal(plain.payload.length, size)
      const sent = parse(createDeflater().wireFor(frame, 15))
      const rsv = size < LEAST_DEFLATED_BYTES ? 0 : 4
      t.same([sent.fin, sent.rsv, sent.opcode], [true, rsv, plain.opcode])
      t.ok(plain.payload.equals(sent.rsv === 0 ? sent.payload : inflate(sent.payload)), `${codec} ${size}`)
    }
})

t.test('headers fit what is left after compression, on both sides of their bounds', async t => {
  const seen = new Set<number>()
  for (let random = 50; random <= 140; random++) {
    const frame = samplesOf('msgpack', 0, Buffer.concat([noise(random), Buffer.alloc(300)]))
    const { rsv, payload } = parse(createDeflater().wireFor(frame, 15))
    t.equal(rsv, 4)
    t.ok(inflate(payload).equals(payloadOf(frame)))
    seen.add(payload.length)
  }
  t.ok(seen.has(125) && seen.has(126), 'payloads of 125 and 126 bytes were among them')
  for (const random of [65_400, 65_500, 65_600]) {
    const frame = samplesOf('msgpack', 0, Buffer.concat([noise(random), Buffer.alloc(30_000)]))
    t.ok(inflate(parse(createDeflater().wireFor(frame, 15)).payload).equals(payloadOf(frame)))
  }
})

t.test('one frame is deflated once for all who get it, and each is read without those before it', async t => {
  const deflater = createDeflater()
  const frames = [samplesOf('json', 3_000), samplesOf('json', 3_000)]
  for (const frame of frames) {
    const wire = deflater.wireFor(frame, 15)
    t.equal(deflater.wireFor(frame, 15), wire, 'the same bytes')
    t.ok(inflate(parse(wire).payload).equals(payloadOf(frame)))
    t.equal(wireOf(frame).length, 3_004, 'the plain one beside it')
  }
  t.equal(deflater.counts.before, 6_000)
  t.ok(deflater.counts.after < 600)
  t.ok(deflater.counts.saved > 4 * 2_700, 'counted for each that got it')
})

t.test('a client with a small window gets nothing that reaches beyond it', async t => {
  const deflater = createDeflater()
  for (const windowBits of [8, 9, 10, 11, 12, 13, 14, 15])
    for (const size of [300, 512, 513, 1_024, 5_000, 32_768, 40_000]) {
      const frame = samplesOf('json', size, Buffer.from(`"${noise(size).toString('base64').slice(0, size)}"`))
      const { rsv, payload } = parse(deflater.wireFor(frame, windowBits))
      if (rsv === 0) t.ok(payload.equals(payloadOf(frame)))
      else t.ok(inflate(payload, Math.max(9, windowBits)).equals(payloadOf(frame)), `${windowBits}: ${size}`)
    }
  t.equal(parse(deflater.wireFor(samplesOf('json', 513), 9)).rsv, 0, 'longer than the window')
  t.equal(parse(deflater.wireFor(samplesOf('json', 512), 9)).rsv, 4, 'as long as it')
})

t.test('what is no sample, or does not shrink, goes out as it is', async t => {
  const deflater = createDeflater()
  const record = Buffer.alloc(5_000, 0x31)
  const [plain] = createFrameComposer().compose('json', [record], 0) as [Frame]
  t.equal(deflater.wireFor(plain, 15), wireOf(plain))
  t.equal(deflater.counts.before, 0)
  const dense = samplesOf('msgpack', 0, noise(2_000))
  t.equal(deflater.wireFor(dense, 15), wireOf(dense))
  t.equal(deflater.counts.after, deflater.counts.before + 4, 'it stays as long, with its header')
})

t.test(
  'a turn of the event loop is never held by compression: what is beyond its share goes out plain',
  async t => {
    const deflater = createDeflater()
    const flags = (count: number): number[] =>
      Array.from({ length: count }, () => parse(deflater.wireFor(samplesOf('json', 128 << 10), 15)).rsv)
    t.same(flags(6), [4, 4, 4, 4, 0, 0])
    t.equal(deflater.counts.skipped, 2)
    await new Promise(setImmediate)
    t.same(flags(1), [4], 'the next turn has its own')
  }
)
