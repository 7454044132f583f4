import { closeMap, type FieldSpec, keyBytesOf, mapBytes, mapHeadBytes, salTypes } from '@meridian/msgpack'
import { PRIVATE_FIELDS } from '../private-fields.ts'
import { AvroBytes } from './avro-bytes.ts'
import { privateStepOf, type Stamps } from './private-step.ts'
import type { AvroField, AvroSchema } from './schema.ts'
import { type ValueStep, valueStepOf } from './value-step.ts'
import { reads } from './values.ts'

/** One message of a component, read. */
export interface SalMessage extends Readonly<Stamps> {
  /** Values of the fields that were to be kept, in their order; undefined where the message has no such field. */
  readonly kept: readonly unknown[]
  /** The public fields as one MessagePack map, in bytes of their own. */
  readonly fields: Uint8Array
}

/** What a reader is made from. */
export interface MessageReaderOptions {
  /** What the catalogue says of the topic's public fields; none where it does not know the topic. */
  readonly specs: readonly FieldSpec[]
  /** Public fields whose values are wanted beside the bytes: key fields. */
  readonly keep?: readonly string[]
  /** Told the name of each field that was left out because it contradicts the catalogue. */
  readonly dropped?: (name: string) => void
}

/** Reads the value behind `from` bytes of a message. Throws SAL_BAD_MESSAGE. */
export type MessageReader = (message: Uint8Array, from: number) => SalMessage

/** Takes one field off a message. */
type Step = (from: AvroBytes, into: Written) => void

/** A message that is being read. */
interface Written extends Stamps {
  at: number
  written: number
  kept: unknown[]
  fields: Uint8Array
}

const NOTHING = new Uint8Array(0)
const beginAt = (at: number): Written => ({
  salIndex: 0,
  sndStamp: 0,
  seqNum: 0,
  origin: 0,
  identity: '',
  revCode: '',
  at,
  written: 0,
  kept: [],
  fields: NOTHING
})

// Reading never waits: one for all.
const source = new AvroBytes()
/** A value that is no array takes at most this many bytes more than in Avro. */
const MORE_BYTES = 9
/** An array takes at most so many times its bytes in Avro (a float as a double 9/4); where whole numbers become real ones, so many. */
const TIMES = 3
const TIMES_REAL = 9

/**
 * Makes the reader of all messages that were written with a schema: straight from the bytes of Avro to those of
 * MessagePack, field by field in the schema's order, as the catalogue has their types and lengths. What contradicts
 * it is left out and told to `dropped`; what it does not know is typed by the schema.
 */
export function createMessageReader(schema: AvroSchema, options: MessageReaderOptions): MessageReader {
  const { specs } = options
  const steps = schema.fields.map(field => stepOf(field, options))
  const publicFields = schema.fields.filter(({ name }) => !isPrivate(name))
  const headBytes = mapHeadBytes(publicFields.length)
  const nameBytes = publicFields.reduce(
    (sum, { name }) => sum + keyBytesOf(name).length + MORE_BYTES,
    headBytes
  )
  const times = publicFields.some(field => becomesReal(field, specs)) ? TIMES_REAL : TIMES
  return (message, from) => {
    const into = beginAt(headBytes)
    mapBytes.reserve(0, nameBytes + times * message.length)
    source.begin(message, from)
    for (const step of steps) step(source, into)
    source.end()
    into.fields = closeMap(headBytes, into)
    return into
  }
}

const becomesReal = ({ name, type }: AvroField, specs: readonly FieldSpec[]): boolean =>
  (type === 'int' || type === 'long') &&
  specs.some(spec => spec.name === name && salTypes[spec.type] === 'real')

const privateNames: ReadonlySet<string> = new Set(PRIVATE_FIELDS)
const isPrivate = (name: string): boolean => privateNames.has(name)

function stepOf(
  field: AvroField,
  { specs, keep = [], dropped = () => undefined }: MessageReaderOptions
): Step {
  const { name } = field
  if (isPrivate(name)) return privateStepOf(field)
  const spec = specs.find(spec => spec.name === name)
  const step = putStepOf(name, valueStepOf(field, spec), dropped)
  const place = keep.indexOf(name)
  return place < 0 ? step : keepStepOf(field, place, step)
}

/** The name, then the value; neither where the value contradicts its type. */
function putStepOf(name: string, put: ValueStep, dropped: (name: string) => void): Step {
  const key = keyBytesOf(name)
  return (from, into) => {
    const { bytes } = mapBytes
    for (let i = 0; i < key.length; i++) bytes[into.at + i] = key[i] as number
    const end = put(from, mapBytes, into.at + key.length)
    if (end < 0) return dropped(name)
    into.at = end
    into.written++
  }
}

/** Reads the value twice: once for the bytes, once to be kept. */
function keepStepOf({ type, nullAt }: AvroField, place: number, step: Step): Step {
  const read = reads[type]
  return (from, into) => {
    const { at } = from
    step(from, into)
    const end = from.at
    from.at = at
    into.kept[place] = nullAt !== undefined && from.integer() === nullAt ? null : read(from)
    from.at = end
  }
}
