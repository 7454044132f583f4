import type { Fields } from '@meridian/msgpack'
import t from 'tap'
import type { SourceMessage, SourceStamps } from '../source.ts'
import { createLastMessages, type ValueRecord } from './last-messages.ts'

const stamps = {} as SourceStamps
const said = (index: number, keys: Fields = {}): SourceMessage => ({
  topic: { csc: 'ESS', index, kind: 'evt', name: 'x' },
  stamps,
  fields: keys,
  encoded: { bytes: new Uint8Array(0), keys }
})
const record = (offset: bigint, key: string | null): ValueRecord => ({
  ...{ offset, timestampMs: 0, value: Uint8Array.of(Number(offset)) },
  key: key === null ? null : Buffer.from(key)
})

t.test('of records with keys only the last of each need be read', async t => {
  const last = createLastMessages([])
  for (const [offset, key] of [
    [0n, 'one'],
    [1n, 'two'],
    [2n, 'one']
  ] as const)
    t.equal(last.keep(record(offset, key)), true)
  last.copy()
  t.same(
    last.kept().map(({ offset, value }) => [offset, ...value]),
    [
      [2n, 2],
      [1n, 1]
    ]
  )
  t.same(last.kept(), [])
})

t.test('what is kept does not hold the answer that it came in', async t => {
  const answer = Buffer.alloc(65_536, 7)
  const last = createLastMessages([])
  last.keep({ ...record(0n, null), key: answer.subarray(0, 3), value: answer.subarray(3, 8) })
  last.copy()
  answer.fill(0)
  const [kept] = last.kept()
  t.same([...(kept?.value ?? [])], [7, 7, 7, 7, 7])
  t.equal(kept?.value.buffer.byteLength, 5)
})

t.test('records without a key, and topics with key fields, are read each', async t => {
  t.equal(createLastMessages([]).keep(record(0n, null)), false)
  t.equal(createLastMessages([]).keep(record(0n, '')), false)
  t.equal(createLastMessages(['name']).keep(record(0n, 'one')), false)
})

t.test('the last of each instance and key comes, in the order of the log', async t => {
  const last = createLastMessages(['name'])
  last.put(5n, said(1, { name: 'a' }))
  last.put(6n, said(2, { name: 'a' }))
  last.put(7n, said(1, { name: 'b' }))
  last.put(9n, said(1, { name: 'a' }))
  last.put(8n, said(1, { name: 'a' }))
  t.same(
    last.take().map(({ topic, fields }) => `${topic.index} ${fields['name']}`),
    ['2 a', '1 b', '1 a']
  )
  t.same(last.take(), [])
})
