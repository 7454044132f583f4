import { readFileSync } from 'node:fs'
import { type Codec, type ControlRecord, encodeControl } from '@meridian/protocol/live'
import t from 'tap'
import { chunkOf, headOf } from './chunk.ts'
import { createFrameComposer, payloadOf } from './frame.ts'

type GoldenData = readonly [id: number, seq: number, time: number, fields: object, received?: number]
type GoldenRecord = ControlRecord | GoldenData
interface Golden {
  readonly server: readonly {
    name: string
    records: readonly GoldenRecord[]
    fields: readonly string[]
    msgpack: string
    json: string
  }[]
}

const file = new URL('../../../proto/conformance/frames.json', import.meta.url)
const golden = JSON.parse(readFileSync(file, 'utf8')) as Golden

t.test('frames with spliced fields are the golden bytes', async t => {
  for (const { name, records, fields, msgpack, json } of golden.server) {
    t.equal(compose('msgpack', records, fields).toString('hex'), msgpack, name)
    t.equal(compose('json', records, fields).toString('utf8'), json, name)
  }
})

function compose(codec: Codec, records: readonly GoldenRecord[], fields: readonly string[]): Buffer {
  const left = [...fields]
  const parts = records.map(record =>
    'op' in record
      ? encodeControl(codec, record)
      : dataChunk(codec, record, Buffer.from(left.shift() ?? '', 'hex'))
  )
  return Buffer.concat(createFrameComposer().compose(codec, parts, 0).map(payloadOf))
}

function dataChunk(codec: Codec, [id, seq, time, , received = 0]: GoldenData, data: Buffer): Uint8Array {
  const topic = {
    id,
    subject: '',
    uncatalogued: false,
    isForgotten: false,
    isSample: true,
    stream: '',
    head: headOf(id)
  }
  const content = { time, received, data, from: 0, to: data.length, uncatalogued: false }
  return chunkOf({ topic, seq, timeUs: 0, content, minMax: undefined, chunks: undefined }, codec, undefined)
}
