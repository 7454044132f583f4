import { AppError } from '@meridian/errors'
import { encodeMsgpack } from '@meridian/msgpack'
import t from 'tap'
import { parseClientFrame } from './parse-client-frame.ts'

const both = (frame: object): readonly (string | Uint8Array)[] => [
  JSON.stringify(frame),
  encodeMsgpack(frame)
]
const codeOf = (message: string | Uint8Array): string => {
  try {
    parseClientFrame(message)
    return 'accepted'
  } catch (err) {
    return err instanceof AppError ? err.code : String(err)
  }
}
const patterns = [
  { pattern: 'tel.summit.MTMount.0.azimuth', quality: 'latest', rate: 5, fields: ['actualPosition'] }
]
const ulid = '01jd3xkq7m5v8w2n4p6r9t0abc'

t.test('every frame of the protocol is read the same in both codecs', async t => {
  const frames = [
    { op: 'subscribe', id: 1, patterns },
    { op: 'subscribe', id: 0, patterns: [{ pattern: '>' }] },
    { op: 'unsubscribe', id: 1 },
    { op: 'resume', cursor: '1', subscriptions: [{ id: 1, patterns }] },
    { op: 'command', id: ulid, csc: 'MTMount', index: 0, command: 'moveToTarget', params: { azimuth: 1.5 } },
    { op: 'command', id: ulid, csc: 'MTMount', index: 0, command: 'stop', params: {}, notAfterSeconds: 2.5 },
    { op: 'ping', id: 7 }
  ]
  for (const frame of frames) for (const message of both(frame)) t.same(parseClientFrame(message), frame)
})

t.test('a frame that is not of the protocol gets a code that tells why', async t => {
  const refused: ReadonlyArray<readonly [string, object]> = [
    ['GTW_BAD_FRAME', []],
    ['GTW_UNKNOWN_OP', {}],
    ['GTW_UNKNOWN_OP', { op: 'shutdown' }],
    ['GTW_UNKNOWN_OP', { op: 7 }],
    ['GTW_UNKNOWN_OP', { op: 'toString' }],
    ['GTW_BAD_FRAME', { op: 'subscribe', id: 1 }],
    ['GTW_BAD_FRAME', { op: 'subscribe', id: 1, patterns: [] }],
    ['GTW_BAD_FRAME', { op: 'subscribe', id: -1, patterns }],
    ['GTW_BAD_FRAME', { op: 'subscribe', id: 1.5, patterns }],
    ['GTW_BAD_FRAME', { op: 'subscribe', id: '1', patterns }],
    ['GTW_BAD_FRAME', { op: 'subscribe', id: 2 ** 31, patterns }],
    ['GTW_BAD_FRAME', { op: 'subscribe', id: 1, patterns, extra: 1 }],
    ['GTW_BAD_FRAME', { op: 'subscribe', id: 1, patterns: [{ pattern: 'x', quality: 'best' }] }],
    ['GTW_BAD_FRAME', { op: 'subscribe', id: 1, patterns: [{ pattern: 'x', rate: 7 }] }],
    ['GTW_BAD_FRAME', { op: 'subscribe', id: 1, patterns: [{ pattern: 'x'.repeat(257) }] }],
    ['GTW_BAD_FRAME', { op: 'subscribe', id: 1, patterns: [{ pattern: 'x', fields: [1] }] }],
    [
      'GTW_BAD_FRAME',
      { op: 'subscribe', id: 1, patterns: Array.from({ length: 1001 }, () => ({ pattern: 'x' })) }
    ],
    ['GTW_BAD_FRAME', { op: 'resume', cursor: 7, subscriptions: [] }],
    [
      'GTW_BAD_FRAME',
      {
        op: 'resume',
        cursor: '1',
        subscriptions: [
          { id: 1, patterns },
          { id: 1, patterns }
        ]
      }
    ],
    [
      'GTW_TOO_MANY_SUBSCRIPTIONS',
      { op: 'resume', cursor: '1', subscriptions: Array.from({ length: 65 }, (_, id) => ({ id, patterns })) }
    ],
    ['CMD_BAD_ID', { op: 'command', id: 'X', csc: 'MTMount', index: 0, command: 'stop', params: {} }],
    [
      'CMD_BAD_ID',
      { op: 'command', id: `8${ulid.slice(1)}`, csc: 'MTMount', index: 0, command: 'stop', params: {} }
    ],
    [
      'CMD_BAD_REQUEST',
      {
        op: 'command',
        id: ulid,
        csc: 'MTMount',
        index: 0,
        command: 'stop',
        params: {},
        notAfterSeconds: 3601
      }
    ],
    ['CMD_BAD_REQUEST', { op: 'command', id: ulid, csc: 'MT.Mount', index: 0, command: 'stop', params: {} }],
    ['CMD_BAD_REQUEST', { op: 'command', id: ulid, csc: 'MTMount', index: 0, command: '>', params: {} }],
    ['CMD_BAD_REQUEST', { op: 'command', id: ulid, csc: 'MTMount', index: 0, command: 'stop', params: [] }],
    [
      'CMD_BAD_REQUEST',
      { op: 'command', id: ulid, csc: 'MTMount', index: 0, command: 'stop', params: {}, notAfterSeconds: -1 }
    ]
  ]
  for (const [code, frame] of refused)
    for (const message of both(frame)) t.equal(codeOf(message), code, JSON.stringify(frame).slice(0, 80))
})

t.test('text that is not JSON, that nests without end or reaches for a prototype is refused', async t => {
  const command = `{"op":"command","id":"${ulid}","csc":"A","index":0,"command":"b","params":`
  t.equal(codeOf('not json'), 'GTW_BAD_FRAME')
  t.equal(codeOf(''), 'GTW_BAD_FRAME')
  t.equal(codeOf('['.repeat(60_000)), 'GTW_BAD_FRAME')
  t.equal(codeOf('['.repeat(60_000) + ']'.repeat(60_000)), 'GTW_BAD_FRAME')
  t.equal(codeOf(`${command}${'{"a":'.repeat(100)}1${'}'.repeat(100)}}`), 'CMD_BAD_REQUEST')
  t.equal(codeOf(`${command}{"__proto__":{"x":1}}}`), 'CMD_BAD_REQUEST')
  t.equal(codeOf(`${command}{"\\u005f_proto__":{"x":1}}}`), 'CMD_BAD_REQUEST')
  t.equal(codeOf(`{"op":"ping","id":1,"__proto__":{"op":"x"}}`), 'GTW_BAD_FRAME')
})

t.test('the refusal names the request where it had an id', async t => {
  try {
    parseClientFrame(JSON.stringify({ op: 'subscribe', id: 42, patterns: [{}] }))
    t.fail('accepted')
  } catch (err) {
    const wire = AppError.from(err).toWire()
    t.match(wire, { code: 'GTW_BAD_FRAME', facts: { id: 42 } })
    t.match(wire, { facts: { property: 'patterns[0].pattern', expected: 'text of 1 to 256 characters' } })
    t.match(wire.message, "'patterns[0].pattern' is not text of 1 to 256 characters")
  }
})

t.test('the refusal names the frame however deep or forbidden the rest of it is', async t => {
  const factsOf = (message: string | Uint8Array): unknown => {
    try {
      parseClientFrame(message)
    } catch (err) {
      return { code: (err as AppError).code, id: (err as AppError).facts['id'] }
    }
    return 'taken'
  }
  const nested = (levels: number): string => `${'['.repeat(levels)}${']'.repeat(levels)}`
  const msgpackOf = (frame: object, levels: number): Uint8Array => {
    const bytes = encodeMsgpack({ ...frame, x: null })
    return Uint8Array.from([...bytes.subarray(0, -1), ...new Array(levels).fill(0x91), 0xc0])
  }
  const command = { op: 'command', id: ulid, csc: 'A', index: 0, command: 'b' }
  const ping = { op: 'ping', id: 7 }
  for (const levels of [40, 300, 20_000]) {
    const text = (frame: object): string => `${JSON.stringify(frame).slice(0, -1)},"x":${nested(levels)}}`
    for (const message of [text(ping), msgpackOf(ping, levels)])
      t.same(factsOf(message), { code: 'GTW_BAD_FRAME', id: 7 }, `${levels} levels`)
    for (const message of [text(command), msgpackOf(command, levels)])
      t.same(factsOf(message), { code: 'CMD_BAD_REQUEST', id: ulid }, `${levels} levels`)
  }
  t.same(factsOf('{"__proto__":1,"op":"ping","id":7}'), { code: 'GTW_BAD_FRAME', id: 7 })
  const notUtf8 = encodeMsgpack({ ...command, params: { text: 'abc' } })
  notUtf8[notUtf8.length - 1] = 0xff
  t.same(factsOf(notUtf8), { code: 'CMD_BAD_REQUEST', id: ulid })
})

t.test('numbers of a command are read as they were sent, in both codecs', async t => {
  const command = { op: 'command', id: ulid.toUpperCase(), csc: 'A', index: 0, command: 'b' }
  const text = `${JSON.stringify(command).slice(0, -1)},"params":{"id":9007199254740993,"e":1e2}}`
  const params = { id: 9007199254740993n, e: 100 }
  for (const message of [text, encodeMsgpack({ ...command, params })])
    t.same(parseClientFrame(message), { ...command, id: ulid, params })
  const index = text.replace('"index":0', '"index":9007199254740993')
  for (const message of [index, encodeMsgpack({ ...command, index: 2n ** 60n })])
    t.equal(codeOf(message), 'CMD_BAD_REQUEST')
  for (const value of ['1e400', '-1e400', '1e-400'])
    t.equal(codeOf(text.replace('1e2', value)), 'CMD_BAD_PARAMETER', value)
  for (const value of [Number.NaN, Number.NEGATIVE_INFINITY, Uint8Array.of(1)])
    t.equal(codeOf(encodeMsgpack({ ...command, params: { a: [value] } })), 'CMD_BAD_PARAMETER', String(value))
})

t.test('an id that is none is not given back: the answer could not be read', async t => {
  const idOf = (id: unknown): unknown => {
    try {
      parseClientFrame(encodeMsgpack({ op: 'ping', id }))
    } catch (err) {
      return (err as AppError).facts['id']
    }
    return 'taken'
  }
  for (const id of [Number.NaN, 1.5, Number.POSITIVE_INFINITY, 2 ** 60, null, {}, true])
    t.equal(idOf(id), undefined, String(id))
  t.equal(idOf(-1), -1)
  t.equal(idOf('x'.repeat(50)), 'x'.repeat(40))
})
