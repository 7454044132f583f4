import { readFileSync } from 'node:fs'
import { Unpackr } from 'msgpackr'
import t from 'tap'
import { encodeClientFrame, encodeControl } from '../encode-records.ts'
import { parseClientFrame } from './parse-client-frame.ts'
import { parseServerMessage } from './parse-server-message.ts'
import type { ControlRecord } from './server-frames.ts'

interface Golden {
  readonly client: readonly { name: string; frame: object; msgpack: string; json: string }[]
  readonly server: readonly { name: string; records: readonly unknown[]; msgpack: string; json: string }[]
  readonly refused: readonly { name: string; msgpack?: string; json?: string; code: string }[]
}

const file = new URL('../../../../proto/conformance/frames.json', import.meta.url)
const golden = JSON.parse(readFileSync(file, 'utf8')) as Golden
const bytes = (hex: string): Buffer => Buffer.from(hex, 'hex')
/** Values as the project writes them in JSON. */
const plain = (value: unknown): unknown =>
  JSON.parse(
    JSON.stringify(value, (_key, v: unknown) =>
      typeof v === 'bigint' || Number.isNaN(v) || v === Number.POSITIVE_INFINITY ? String(v) : v
    )
  )

t.test('the golden frames of clients are read and written as they stand', async t => {
  for (const { name, frame, msgpack, json } of golden.client) {
    t.same(parseClientFrame(json), frame, name)
    t.same(parseClientFrame(bytes(msgpack)), frame, name)
    t.equal(encodeClientFrame('json', frame), json, name)
    t.equal(Buffer.from(encodeClientFrame('msgpack', frame)).toString('hex'), msgpack, name)
  }
})

t.test('the golden messages of the gateway are read as they stand, by another reader too', async t => {
  const other = new Unpackr({ useRecords: false, int64AsType: 'auto' as 'bigint' })
  for (const { name, records, msgpack, json } of golden.server) {
    t.same(plain(parseServerMessage(json)), records, name)
    t.same(plain(parseServerMessage(bytes(msgpack))), records, name)
    t.same(plain(other.unpack(bytes(msgpack))), records, name)
  }
})

t.test('control records are written to the byte', async t => {
  for (const { name, records, msgpack, json } of golden.server)
    for (const record of records) {
      if (Array.isArray(record)) continue
      t.ok(
        msgpack.includes(Buffer.from(encodeControl('msgpack', record as ControlRecord)).toString('hex')),
        name
      )
      t.ok(json.includes(Buffer.from(encodeControl('json', record as ControlRecord)).toString()), name)
    }
})

t.test('what must be refused is refused with its code', async t => {
  for (const { name, msgpack, json, code } of golden.refused) {
    if (json !== undefined) t.throws(() => parseClientFrame(json), { code }, name)
    if (msgpack !== undefined) t.throws(() => parseClientFrame(bytes(msgpack)), { code }, name)
  }
})
