import { encodeMsgpack } from '@meridian/msgpack'
import { COMMAND_ID } from '@meridian/protocol/commands'
import fc from 'fast-check'

/** One thing that a hostile client does on its connection. */
export type HostileAct =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'binary'; readonly bytes: Uint8Array }

const word = fc.oneof(
  fc.constantFrom(
    '',
    '>',
    '*',
    'evt.>',
    'tel.summit.>',
    'evt.*.*.*.*',
    '..',
    'a..b',
    '$SYS.>',
    '_INBOX.>',
    '__proto__',
    'MTMount'
  ),
  fc.string({ maxLength: 40 }),
  fc.constantFrom('x'.repeat(5_000), 'a.'.repeat(600), '\u0000', '\ud800')
)
const anything = fc.oneof(
  fc.constantFrom<unknown>(null, true, -1, 1e308, 2 ** 53, 2 ** 31, 0.5, '', [], {}),
  word,
  fc.jsonValue({ maxDepth: 4 })
)
const orAnything = (value: fc.Arbitrary<unknown>): fc.Arbitrary<unknown> =>
  fc.oneof({ weight: 5, arbitrary: value }, { weight: 1, arbitrary: anything })

const pattern = orAnything(
  fc.record(
    {
      pattern: orAnything(word),
      quality: orAnything(fc.constantFrom('all', 'latest', 'minmax')),
      rate: orAnything(fc.constantFrom(20, 10, 1, 0.2)),
      fields: orAnything(fc.array(word, { maxLength: 5 }))
    },
    { requiredKeys: [] }
  )
)
const patterns = orAnything(
  fc.oneof(fc.array(pattern, { maxLength: 5 }), fc.constant(Array(1_500).fill('evt.>')))
)
const id = orAnything(fc.integer({ min: -1, max: 100 }))
/** Of the right form, with streams, runs of streams, numbers and times that never were. */
const lyingCursor = fc
  .array(
    fc.tuple(
      fc.constantFrom('TEL', 'EVT', 'SCRIPT', 'COMMANDS', 'JOBS', 'NOPE', '__proto__'),
      ...Array.from({ length: 3 }, () =>
        fc.integer({ min: -1, max: Number.MAX_SAFE_INTEGER }).map(n => n.toString(36))
      )
    ),
    { maxLength: 17 }
  )
  .map(positions => ['1', ...positions.flat()].join('.'))
const ulid = orAnything(fc.stringMatching(new RegExp(COMMAND_ID)))
const frame = fc.oneof(
  fc.record({ op: fc.constant('subscribe'), id, patterns }, { requiredKeys: ['op'] }),
  fc.record({ op: fc.constant('unsubscribe'), id }, { requiredKeys: ['op'] }),
  fc.record(
    {
      op: fc.constant('resume'),
      cursor: orAnything(fc.oneof(fc.base64String({ maxLength: 200 }), lyingCursor)),
      subscriptions: orAnything(fc.array(fc.record({ id, patterns }), { maxLength: 3 }))
    },
    { requiredKeys: ['op'] }
  ),
  fc.record(
    {
      op: fc.constant('command'),
      id: ulid,
      csc: word,
      index: id,
      command: word,
      params: anything,
      notAfterSeconds: anything
    },
    { requiredKeys: ['op'] }
  ),
  fc.record({ op: fc.constant('ping'), id }, { requiredKeys: ['op'] }),
  fc.record({ op: anything }),
  anything
)
/** Deep enough that a parser without a bound would run out of stack. */
const deep = fc.constantFrom('['.repeat(60_000), `${'{"a":'.repeat(8_000)}1${'}'.repeat(8_000)}`)
const deepBytes = fc.constantFrom(
  new Uint8Array(60_000).fill(0x91),
  Uint8Array.of(0xdf, 0xff, 0xff, 0xff, 0xff)
)

/** Hostile acts on a connection of this codec, one in twenty in the other one; the same for the same seed. */
export const hostileAct = (codec: 'json' | 'msgpack'): fc.Arbitrary<HostileAct> =>
  codec === 'json'
    ? fc.oneof({ weight: 19, arbitrary: hostileText }, { weight: 1, arbitrary: hostileBinary })
    : fc.oneof({ weight: 19, arbitrary: hostileBinary }, { weight: 1, arbitrary: hostileText })

const textAct = (text: string): HostileAct => ({ kind: 'text', text })
const binaryAct = (bytes: Uint8Array): HostileAct => ({ kind: 'binary', bytes })
const hostileText: fc.Arbitrary<HostileAct> = fc.oneof(
  { weight: 20, arbitrary: frame.map(value => textAct(JSON.stringify(value) ?? '')) },
  { weight: 4, arbitrary: cutText(frame).map(textAct) },
  { weight: 3, arbitrary: fc.string({ maxLength: 200 }).map(textAct) },
  { weight: 1, arbitrary: deep.map(textAct) }
)
const hostileBinary: fc.Arbitrary<HostileAct> = fc.oneof(
  { weight: 20, arbitrary: frame.map(value => binaryAct(packed(value))) },
  { weight: 6, arbitrary: cut(frame).map(binaryAct) },
  { weight: 6, arbitrary: fc.uint8Array({ maxLength: 200 }).map(binaryAct) },
  { weight: 1, arbitrary: deepBytes.map(binaryAct) }
)

/** A good frame that ends too early. */
function cut(frames: fc.Arbitrary<unknown>): fc.Arbitrary<Buffer> {
  return fc.tuple(frames, fc.double({ min: 0, max: 1, noNaN: true })).map(([value, share]) => {
    const bytes = packed(value)
    return Buffer.from(bytes.subarray(0, Math.floor(bytes.length * share)))
  })
}

function cutText(frames: fc.Arbitrary<unknown>): fc.Arbitrary<string> {
  return fc.tuple(frames, fc.double({ min: 0, max: 1, noNaN: true })).map(([value, share]) => {
    const text = JSON.stringify(value) ?? ''
    return text.slice(0, Math.floor(text.length * share))
  })
}

/** As MessagePack; what has no form there goes as it would in JSON. */
function packed(value: unknown): Uint8Array {
  return encodeMsgpack(JSON.parse(JSON.stringify(value) ?? 'null'))
}
