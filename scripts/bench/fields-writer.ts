// What one sample costs to write: the fields by the generated writer, the same by one loop over a table of
// closures, by msgpackr (which cannot choose the width of a float), and the whole sample. CPU time of this
// process per message, in microseconds; the median of rounds.
import { createFieldsWriter, decodeFields, type FieldSpec } from '@meridian/msgpack'
import { encodeSample, readEnvelope } from '@meridian/sample'
import { pack } from 'msgpackr'

const ROUNDS = 9
const MESSAGES = 20_000

interface BenchTopic {
  readonly name: string
  readonly fields: readonly FieldSpec[]
  readonly values: Readonly<Record<string, unknown>>
}

const double = (name: string, count = 1): FieldSpec => ({ name, type: 'double', count })
const random = (count: number): unknown =>
  count === 1 ? Math.random() * 100 : Array.from({ length: count }, () => Math.random() * 100)

function topicOf(name: string, fields: readonly FieldSpec[]): BenchTopic {
  return { name, fields, values: Object.fromEntries(fields.map(field => [field.name, random(field.count)])) }
}

const topics = [
  topicOf(
    'MTMount.azimuth, 10 doubles',
    Array.from({ length: 10 }, (_, i) => double(`actualPositionNumber${i}`))
  ),
  topicOf(
    'twenty fields',
    Array.from({ length: 20 }, (_, i) => double(`measurement${i}`))
  ),
  topicOf('MTM1M3.forceActuatorData, 500 doubles in arrays', [
    double('timestamp'),
    double('primaryCylinderForce', 156),
    double('secondaryCylinderForce', 112),
    double('xForce', 12),
    double('yForce', 100),
    double('zForce', 119)
  ])
]

/**
 * The rival: no generated code but one loop over a table of closures, for scalars and arrays of doubles
 * alone.
 */
function createTableWriter(fields: readonly FieldSpec[]): (values: BenchTopic['values']) => Uint8Array {
  const bytes = Buffer.allocUnsafeSlow(65_536)
  const view = new DataView(bytes.buffer)
  const putOne = (at: number, value: unknown): number => {
    view.setUint8(at, 0xcb)
    view.setFloat64(at + 1, value as number)
    return at + 9
  }
  const putMany = (at: number, value: unknown): number => {
    view.setUint8(at, 0xdc)
    view.setUint16(at + 1, (value as number[]).length)
    let to = at + 3
    for (const element of value as number[]) to = putOne(to, element)
    return to
  }
  const plan = fields.map(({ name, count }) => ({
    name,
    key: pack(name),
    put: count === 1 ? putOne : putMany
  }))
  return values => {
    let at = 3
    let written = 0
    for (const { name, key, put } of plan) {
      const value = values[name]
      if (value === undefined) continue
      bytes.set(key, at)
      at = put(at + key.length, value)
      written++
    }
    bytes[0] = 0xde
    view.setUint16(1, written)
    return Buffer.from(bytes.subarray(0, at))
  }
}

function microsecondsOf(work: () => unknown): number {
  const figures = Array.from({ length: ROUNDS }, () => {
    const before = process.cpuUsage()
    for (let i = 0; i < MESSAGES; i++) work()
    const { user, system } = process.cpuUsage(before)
    return (user + system) / MESSAGES
  })
  return figures.sort((a, b) => a - b)[ROUNDS >> 1] ?? 0
}

const envelope = {
  sndStamp: 1795292928.6,
  rcvStamp: 1795292928.6,
  seqNum: 77,
  origin: 4711,
  identity: 'MTM1M3',
  revCode: 'b6107eef',
  uncatalogued: false
}

for (const { name, fields, values } of topics) {
  const write = createFieldsWriter(fields)
  const writeByTable = createTableWriter(fields)
  const bytes = write(values)
  const decoded = { ...envelope, fields: bytes }
  const sample = encodeSample(decoded)
  const result = {
    topic: name,
    bytes: sample.length,
    generatedUs: microsecondsOf(() => write(values)),
    tableUs: microsecondsOf(() => writeByTable(values)),
    msgpackrUs: microsecondsOf(() => pack(values)),
    sampleUs: microsecondsOf(() => encodeSample(decoded)),
    envelopeUs: microsecondsOf(() => readEnvelope(sample)),
    decodeUs: microsecondsOf(() => decodeFields(bytes))
  }
  process.stdout.write(`${JSON.stringify(result)}\n`)
}
