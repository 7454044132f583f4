import { randomBytes } from 'node:crypto'
import { OPCODE, type WireFrame, wireFrameOf } from './raw-socket.ts'

// The classes of Autobahn's test suite that concern a server, with our `ping` as what is echoed: 1 sizes,
// 2 pings, 3 reserved bits, 4 opcodes, 5 fragments, 6 UTF-8, 7 closing, 9 large messages, 10 many fragments.
// 12 and 13 are compression.

/** What a client sends, and what must come of it. */
export interface WebSocketCase {
  readonly name: string
  readonly bytes: Buffer
  readonly expected:
    | { readonly pongIds: readonly number[]; readonly controlPongs?: readonly Uint8Array[] }
    | { readonly error: string }
    /** The code with which the server closes; with `answered`, what it still answers before. */
    | { readonly close: number; readonly answered?: readonly number[] }
}

/** The largest frame that the gateway takes by default. */
const MAX_FRAME = 65_536

const ping = (id: number, size = 0): string => JSON.stringify({ op: 'ping', id }).padEnd(size, ' ')
const join = (...frames: readonly WireFrame[]): Buffer => Buffer.concat(frames.map(wireFrameOf))
const text = (payload: string | Uint8Array): WireFrame => ({ opcode: OPCODE.text, payload })

/** A message in fragments of so many bytes, with these frames between them. */
function fragments(
  payload: string | Uint8Array,
  size: number,
  ...between: readonly WireFrame[]
): WireFrame[] {
  const data = Buffer.from(payload)
  const count = Math.max(1, Math.ceil(data.length / size))
  return Array.from({ length: count }, (_, i) => [
    {
      opcode: i === 0 ? OPCODE.text : OPCODE.continuation,
      payload: data.subarray(i * size, (i + 1) * size),
      fin: i === count - 1
    },
    ...(i < count - 1 ? between : [])
  ]).flat()
}

const sizes: readonly WebSocketCase[] = [
  { name: '1: an empty text', bytes: join(text('')), expected: { error: 'GTW_BAD_FRAME' } },
  ...[125, 126, 127, 128, 65_535, MAX_FRAME].map(size => ({
    name: `1: a text of ${size} bytes`,
    bytes: join(text(ping(1, size))),
    expected: { pongIds: [1] }
  })),
  {
    name: '1: binary on a connection that speaks JSON',
    bytes: join({ opcode: OPCODE.binary, payload: randomBytes(127) }),
    expected: { error: 'GTW_BAD_FRAME' }
  }
]

const pingOf = (payload: Uint8Array): WireFrame => ({ opcode: OPCODE.ping, payload })
const pings: readonly WebSocketCase[] = [
  ...[0, 1, 125].map(size => {
    const payload = randomBytes(size)
    const expected = { pongIds: [], controlPongs: [payload] }
    return { name: `2: a ping of ${size} bytes`, bytes: join(pingOf(payload)), expected }
  }),
  { name: '2: a ping of 126 bytes', bytes: join(pingOf(randomBytes(126))), expected: { close: 1002 } },
  {
    name: '2: pongs that nobody asked for',
    bytes: join({ opcode: OPCODE.pong }, { opcode: OPCODE.pong, payload: 'x' }, text(ping(2))),
    expected: { pongIds: [2] }
  },
  {
    name: '2: ten pings at once',
    bytes: join(...Array.from({ length: 10 }, (_, i) => pingOf(Buffer.of(i)))),
    expected: { pongIds: [], controlPongs: Array.from({ length: 10 }, (_, i) => Buffer.of(i)) }
  },
  {
    name: '2: a hundred pings at once',
    bytes: join(...Array.from({ length: 100 }, (_, i) => pingOf(Buffer.of(i)))),
    expected: { pongIds: [], controlPongs: Array.from({ length: 100 }, (_, i) => Buffer.of(i)) }
  }
]

const reserved: readonly WebSocketCase[] = [
  ...[1, 2, 3, 4, 5, 6, 7].flatMap(rsv => [
    {
      name: `3: reserved bits ${rsv} behind a good frame`,
      bytes: join(text(ping(3)), { ...text(ping(4)), rsv }),
      expected: { close: 1002, answered: [3] }
    },
    {
      name: `3: reserved bits ${rsv} of a ping`,
      bytes: join({ opcode: OPCODE.ping, rsv }),
      expected: { close: 1002 }
    }
  ]),
  ...[3, 4, 5, 6, 7, 11, 12, 13, 14, 15].map(opcode => ({
    name: `4: opcode ${opcode}`,
    bytes: join(text(ping(5)), { opcode }),
    expected: { close: 1002, answered: [5] }
  })),
  {
    name: '4: a frame that is not masked',
    bytes: join({ ...text(ping(6)), masked: false }),
    expected: { close: 1002 }
  },
  {
    name: '4: a length that would take 2^63 bytes',
    bytes: Buffer.from('81ffffffffffffffffff00000000', 'hex'),
    expected: { close: 1009 }
  }
]

const whole = ping(10, 40)
const marked = pingOf(Buffer.from('between'))
const fragmented: readonly WebSocketCase[] = [
  ...[1, 7, 20, 39].map(size => ({
    name: `5: fragments of ${size} bytes`,
    bytes: join(...fragments(whole, size)),
    expected: { pongIds: [10] }
  })),
  {
    name: '5: pings between fragments',
    bytes: join(...fragments(whole, 10, marked)),
    expected: { pongIds: [10], controlPongs: Array(3).fill(Buffer.from('between')) }
  },
  {
    name: '5: empty fragments around it',
    bytes: join(
      { ...text(''), fin: false },
      { opcode: OPCODE.continuation, payload: whole, fin: false },
      { opcode: OPCODE.continuation }
    ),
    expected: { pongIds: [10] }
  },
  {
    name: '5: empty fragments without an end',
    bytes: join({ ...text(''), fin: false }, ...Array(100).fill({ opcode: OPCODE.continuation, fin: false })),
    expected: { close: 1008 }
  },
  {
    name: '5: two messages in fragments, one behind the other',
    bytes: join(...fragments(ping(11), 5), ...fragments(ping(12), 6)),
    expected: { pongIds: [11, 12] }
  },
  {
    name: '5: a ping in fragments',
    bytes: join({ opcode: OPCODE.ping, fin: false }, { opcode: OPCODE.continuation }),
    expected: { close: 1002 }
  },
  {
    name: '5: a pong in fragments',
    bytes: join({ opcode: OPCODE.pong, fin: false }, { opcode: OPCODE.continuation }),
    expected: { close: 1002 }
  },
  ...[true, false].map(fin => ({
    name: `5: a continuation of nothing, ${fin ? 'last' : 'not last'}`,
    bytes: join({ opcode: OPCODE.continuation, payload: whole, fin }, text(ping(13))),
    expected: { close: 1002 }
  })),
  {
    name: '5: another text before the fragments end',
    bytes: join({ ...text('{'), fin: false }, text(ping(14))),
    expected: { close: 1002 }
  }
]

/** Well formed: code points of every length, in a member that nobody reads. */
const words = ['κόσμε', '日本語', '𝄞 🔭', 'é\u0301', '\ufffd', '\u{10ffff}', '\ud7ff\ue000']
const malformed = [
  'ff',
  'c0af',
  'e080af',
  'f08080af',
  'eda080',
  'edbfbf',
  'f4908080',
  'c3',
  'e282',
  'f09d84',
  '80'
]
const utf8: readonly WebSocketCase[] = [
  ...words.map((word, i) => ({
    name: `6: ${word}, each byte a fragment`,
    bytes: join(...fragments(JSON.stringify({ op: word, id: 20 + i }), 1)),
    expected: { error: 'GTW_UNKNOWN_OP' }
  })),
  ...malformed.flatMap(hex => {
    const payload = Buffer.concat([Buffer.from('{"op":"'), Buffer.from(hex, 'hex'), Buffer.from('"}')])
    return [
      { name: `6: bytes ${hex}`, bytes: join(text(payload)), expected: { close: 1007 } },
      {
        name: `6: bytes ${hex} in fragments`,
        bytes: join(...fragments(payload, 1)),
        expected: { close: 1007 }
      }
    ]
  })
]

function closeOf(code: number | undefined, reason: string | Uint8Array = ''): WireFrame {
  const head = Buffer.alloc(code === undefined ? 0 : 2)
  if (code !== undefined) head.writeUInt16BE(code)
  return { opcode: OPCODE.close, payload: Buffer.concat([head, Buffer.from(reason)]) }
}
const GOOD_CODES = [
  1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 1012, 1013, 1014, 3000, 3999, 4000, 4999
]
const BAD_CODES = [0, 999, 1004, 1005, 1006, 1015, 1016, 1100, 2000, 2999, 5000, 65_535]
const closing: readonly WebSocketCase[] = [
  { name: '7: a close frame without a code', bytes: join(closeOf(undefined)), expected: { close: 1005 } },
  {
    name: '7: nothing is answered behind a close frame',
    bytes: join(text(ping(30)), closeOf(1000), text(ping(31)), pingOf(Buffer.of(1)), closeOf(1001)),
    expected: { close: 1000, answered: [30] }
  },
  {
    name: '7: half a code',
    bytes: join({ opcode: OPCODE.close, payload: Buffer.of(3) }),
    expected: { close: 1002 }
  },
  {
    name: '7: a reason of 123 bytes',
    bytes: join(closeOf(1000, '*'.repeat(123))),
    expected: { close: 1000 }
  },
  {
    name: '7: a reason of 124 bytes',
    bytes: join(closeOf(1000, '*'.repeat(124))),
    expected: { close: 1002 }
  },
  {
    name: '7: a reason that is not UTF-8',
    bytes: join(closeOf(1000, Buffer.from('cebae1bdb9cf83edf4', 'hex'))),
    expected: { close: 1007 }
  },
  {
    name: '7: closed between fragments',
    bytes: join({ ...text('{'), fin: false }, closeOf(1001)),
    expected: { close: 1001 }
  },
  ...GOOD_CODES.map(code => ({
    name: `7: code ${code}`,
    bytes: join(closeOf(code, 'bye')),
    expected: { close: code }
  })),
  ...BAD_CODES.map(code => ({
    name: `7: code ${code}`,
    bytes: join(closeOf(code)),
    expected: { close: 1002 }
  }))
]

const large: readonly WebSocketCase[] = [
  ...[1_024, 4_096, 16_384, 32_768].map(size => ({
    name: `9: the largest frame in fragments of ${size} bytes`,
    bytes: join(...fragments(ping(40, MAX_FRAME), size)),
    expected: { pongIds: [40] }
  })),
  ...[64, 1_000].map(size => ({
    name: `9: the largest frame in fragments of ${size} bytes, which are too many`,
    bytes: join(...fragments(ping(40, MAX_FRAME), size)),
    expected: { close: 1008 }
  })),
  ...[MAX_FRAME + 1, 4 * MAX_FRAME].map(size => ({
    name: `9: ${size} bytes are too many, with a code`,
    bytes: join(text(ping(41, size))),
    expected: { close: 1009 }
  })),
  {
    name: '9: 10 MB are refused before they came',
    bytes: join(text(ping(42, 10_000_000))),
    expected: { close: 1009 }
  },
  {
    name: '9: too much in fragments',
    bytes: join(...fragments(ping(43, 5 * MAX_FRAME), 4_096)),
    expected: { close: 1009 }
  },
  {
    name: '10: fragments of 1,300 bytes with a ping behind each',
    bytes: join(...fragments(ping(44, MAX_FRAME), 1_300, pingOf(Buffer.of(7)))),
    expected: { pongIds: [44], controlPongs: Array(50).fill(Buffer.of(7)) }
  }
]

/** All cases, each for a connection of its own that speaks JSON. */
export const webSocketCases: readonly WebSocketCase[] = [
  ...[sizes, pings, reserved, fragmented].flat(),
  ...[utf8, closing, large].flat()
]
