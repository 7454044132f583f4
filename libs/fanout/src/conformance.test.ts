import { readFileSync } from 'node:fs'
import { type ControlRecord, type Encoding, encodeControl } from '@meridian/protocol/live'
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
    events: string
  }[]
}

const file = new URL('../../../proto/conformance/frames.json', import.meta.url)
const golden = JSON.parse(readFileSync(file, 'utf8')) as Golden

t.test('frames with spliced fields are the golden bytes', async t => {
  for (const { name, records, fields, msgpack, json, events } of golden.server) {
    t.equal(compose('msgpack', records, fields).toString('hex'), msgpack, name)
    t.equal(compose('json', records, fields).toString('utf8'), json, name)
    t.equal(compose('events', records, fields).toString('utf8'), events, name)
  }
})

function compose(codec: Encoding, records: readonly GoldenRecord[], fields: readonly string[]): Buffer {
  const left = [...fields]
  const parts = records.map(record =>
    'op' in record
      ? encodeControl(codec, record)
      : dataChunk(codec, record, {
          data: Buffer.from(left.shift() ?? '', 'hex'),
          ...topicOf(records, record[0])
        })
  )
  return Buffer.concat(createFrameComposer().compose(codec, parts, 0).map(payloadOf))
}

/** What the message itself announces of a topic: an event names it in full. */
function topicOf(records: readonly GoldenRecord[], id: number): Pick<Spliced, 'subject' | 'uncatalogued'> {
  const announced = records.flatMap(record => ('op' in record && record.op === 'topics' ? record.topics : []))
  const [, subject = '', mark] = announced.find(([number]) => number === id) ?? []
  return { subject, uncatalogued: mark !== undefined }
}

interface Spliced {
  readonly data: Buffer
  readonly subject: string
  readonly uncatalogued: boolean
}

function dataChunk(
  codec: Encoding,
  [id, seq, time, , received = 0]: GoldenData,
  { data, subject, uncatalogued }: Spliced
): Uint8Array {
  const topic = {
    id,
    subject,
    uncatalogued,
    forgottenUpTo: 0,
    isSample: true,
    stream: '',
    head: headOf(id)
  }
  const content = { time, received, data, from: 0, to: data.length, uncatalogued: false }
  return chunkOf({ topic, seq, timeUs: 0, content, minMax: undefined, chunks: undefined }, codec, undefined)
}
