import { encodeMsgpack } from '@meridian/msgpack'
import fc from 'fast-check'
import { type WireFrame, wireFrameOf } from '../test/raw-socket.ts'

// What no WebSocket library would send: frames of any opcode, fragments in any order, reserved bits, no masks,
// control frames too long, and lengths that lie.

const payload = fc.oneof(
  fc.uint8Array({ maxLength: 300 }),
  fc
    .constantFrom('{"op":"ping","id":1}', '{"op":"subscribe","id":1,"patterns":[{"pattern":"evt.>"}]}', '')
    .map(text => new Uint8Array(Buffer.from(text))),
  fc.constant(new Uint8Array(encodeMsgpack({ op: 'ping', id: 1 }))),
  fc.constant(new Uint8Array(70_000))
)
const frame: fc.Arbitrary<WireFrame> = fc.record({
  opcode: fc.oneof(
    { weight: 8, arbitrary: fc.constantFrom(0, 1, 2, 9, 10) },
    { weight: 1, arbitrary: fc.integer({ min: 0, max: 15 }) }
  ),
  payload,
  fin: fc.oneof({ weight: 3, arbitrary: fc.constant(true) }, { weight: 2, arbitrary: fc.constant(false) }),
  rsv: fc.oneof(
    { weight: 9, arbitrary: fc.constant(0) },
    { weight: 1, arbitrary: fc.integer({ min: 1, max: 7 }) }
  ),
  masked: fc.oneof({ weight: 9, arbitrary: fc.constant(true) }, { weight: 1, arbitrary: fc.constant(false) })
})

/** A frame whose length says another number than there are bytes; the next frame is read as its rest. */
const lying = fc.tuple(frame, fc.integer({ min: 0, max: 255 }), fc.nat()).map(([good, length, at]) => {
  const bytes = wireFrameOf(good)
  bytes[1] = (bytes[1] as number & 0x80) | (length & 0x7f)
  return bytes.subarray(0, 2 + (at % Math.max(1, bytes.length - 2)))
})

/** Bytes for one connection, most of them frames. */
export const hostileBytes: fc.Arbitrary<Uint8Array> = fc.oneof(
  { weight: 12, arbitrary: frame.map(wireFrameOf) },
  { weight: 1, arbitrary: lying },
  { weight: 1, arbitrary: fc.uint8Array({ maxLength: 100 }) }
)

const token = fc.oneof(
  fc.constantFrom(
    'websocket',
    'Upgrade',
    'keep-alive, Upgrade',
    'h2c',
    '13',
    '8',
    '',
    'meridian.v1.json',
    ',,'
  ),
  fc.constantFrom('dGhlIHNhbXBsZSBub25jZQ==', '127.0.0.1', 'evil.example', 'null', 'http://127.0.0.1', '0'),
  fc.string({ maxLength: 30 }).map(text => text.replaceAll(/[\r\n\0]/g, ' ')),
  fc.constant('x'.repeat(20_000))
)
const headerName = fc.constantFrom(
  ...['Host', 'Connection', 'Upgrade', 'Sec-WebSocket-Version', 'Sec-WebSocket-Key'],
  ...['Sec-WebSocket-Protocol', 'Sec-WebSocket-Extensions', 'Origin', 'Content-Length', 'Transfer-Encoding'],
  ...['Cookie', 'X-Forwarded-Host', 'Expect', '__proto__', 'a b']
)
const GOOD: Readonly<Record<string, string>> = {
  Host: '127.0.0.1',
  Connection: 'Upgrade',
  Upgrade: 'websocket',
  'Sec-WebSocket-Version': '13',
  'Sec-WebSocket-Key': 'dGhlIHNhbXBsZSBub25jZQ==',
  'Sec-WebSocket-Protocol': 'meridian.v1.json'
}

/** The head of an HTTP request, most of them upgrades with something wrong, and what follows it at once. */
export const hostileRequest: fc.Arbitrary<Buffer> = fc
  .record({
    method: fc.oneof(
      { weight: 6, arbitrary: fc.constant('GET') },
      fc.constantFrom('POST', 'HEAD', 'PRI', 'get', '')
    ),
    path: fc.oneof(
      { weight: 4, arbitrary: fc.constant('/live') },
      fc.constantFrom(
        '/',
        '/live?x=1',
        '/metrics',
        '/live/../x',
        '//live',
        '*',
        'http://a/live',
        '/%00',
        '/%',
        'x'
      ),
      fc.string({ maxLength: 20 }).map(text => `/${text.replaceAll(/[\s\0]/g, '')}`)
    ),
    version: fc.oneof(
      { weight: 9, arbitrary: fc.constant('HTTP/1.1') },
      fc.constantFrom('HTTP/1.0', 'HTTP/2.0', 'x')
    ),
    changed: fc.dictionary(headerName, token, { maxKeys: 3 }),
    more: fc.array(fc.tuple(headerName, token), { maxLength: 3 }),
    body: fc.oneof(fc.constant(new Uint8Array()), hostileBytes)
  })
  .map(({ method, path, version, changed, more, body }) => {
    const headers = [...Object.entries({ ...GOOD, ...changed }), ...more].map(
      ([name, value]) => `${name}: ${value}`
    )
    const head = [`${method} ${path} ${version}`, ...headers, '', ''].join('\r\n')
    return Buffer.concat([Buffer.from(head, 'latin1'), body])
  })
