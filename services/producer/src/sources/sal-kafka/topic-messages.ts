import type { Catalogue, Topic as CatalogueTopic } from '@meridian/catalogue'
import { decodeFields, type Fields } from '@meridian/msgpack'
import {
  type AvroSchema,
  createMessageReader,
  FRAME_BYTES,
  type LogRecord,
  type MessageReader,
  type SalMessage,
  type SalTopic
} from '@meridian/sal'
import { taiSecondsOf } from '@meridian/time'
import type { Assignment } from '../../assignment.ts'
import type { SharedTopic } from '../../stored/stored-samples.ts'
import type { EncodedFields, SourceMessage, SourceStamps } from '../source.ts'
import { stampsOf } from '../source-stamps.ts'
import type { SourceTopic } from '../source-topic.ts'

/** Where a record stands: what tells it from all others where its message does not. */
interface RecordPlace {
  readonly partition: number
  readonly mayBeStored: boolean
}

/** One topic of Kafka, which all instances of a component share. */
export interface TopicMessages {
  readonly topic: SharedTopic
  /** Fields of which each value has a last message of its own. */
  readonly keys: readonly string[]
  /** The reader of what was written with a schema; undefined until `learn`. */
  readerOf(schemaId: number): MessageReader | undefined
  /** Throws SAL_BAD_SCHEMA. */
  learn(schemaId: number, schema: AvroSchema): MessageReader
  /** What a record says; undefined where another process is assigned that. Throws SAL_BAD_MESSAGE. */
  read(
    reader: MessageReader,
    record: LogRecord & { readonly value: Uint8Array },
    place: RecordPlace
  ): SourceMessage | undefined
}

/** What is assigned, what the catalogue has, and who hears of fields that contradict it. */
export interface TopicMessagesOptions {
  readonly assignment: Pick<Assignment, 'has'>
  readonly catalogue: Catalogue
  readonly onField: (topic: SourceTopic, field: string) => void
}

/** How a source of samples names a topic of SAL; undefined for commands and their acknowledgements. */
export function sharedTopicOf({ csc, kind, name }: SalTopic): SharedTopic | undefined {
  if (kind === 'telemetry') return { csc, kind: 'tel', name }
  if (kind !== 'event') return undefined
  return { csc, kind: name === 'heartbeat' ? 'hb' : 'evt', name }
}

/** Makes one that knows no schema yet. */
export const createTopicMessages = (topic: SharedTopic, options: TopicMessagesOptions): TopicMessages =>
  new ReadTopic(topic, options)

/** UTC ms of a row, where cameras give no stamp [docs/sal.md#camera-rows]. */
const ROW_TIME = 'timestamp'
const NO_KEYS: Fields = Object.freeze({})
const MAX_SEQ_NUM = 0x7fffffffn
/** Instances that are remembered: whoever makes up indices fills no memory. */
const MAX_INSTANCES = 10_000

class ReadTopic implements TopicMessages {
  readonly topic: SharedTopic
  readonly keys: readonly string[]
  readonly #options: TopicMessagesOptions
  readonly #known: CatalogueTopic | undefined
  readonly #keep: readonly string[]
  readonly #readers = new Map<number, MessageReader>()
  readonly #instances = new Map<number, SourceTopic | undefined>()
  #dropped: string[] = []

  constructor(topic: SharedTopic, options: TopicMessagesOptions) {
    this.topic = topic
    this.#options = options
    this.#known = knownTopic(options.catalogue, topic)
    this.keys = this.#known?.keyFields ?? []
    this.#keep = isRow(this.#known) ? [...this.keys, ROW_TIME] : this.keys
  }

  readerOf(schemaId: number): MessageReader | undefined {
    return this.#readers.get(schemaId)
  }

  learn(schemaId: number, schema: AvroSchema): MessageReader {
    const reader = createMessageReader(schema, {
      specs: this.#known?.fields ?? [],
      keep: this.#keep,
      dropped: field => void this.#dropped.push(field)
    })
    this.#readers.set(schemaId, reader)
    return reader
  }

  read(
    reader: MessageReader,
    record: LogRecord & { readonly value: Uint8Array },
    place: RecordPlace
  ): SourceMessage | undefined {
    const message = reader(record.value, FRAME_BYTES)
    const topic = this.#instance(message.salIndex)
    if (this.#dropped.length > 0) this.#tellDropped(topic)
    if (topic === undefined) return undefined
    const stamps = this.#stampsOf(message, record, place)
    return new EncodedMessage(topic, stamps, this.#encoded(message), place.mayBeStored)
  }

  #instance(index: number): SourceTopic | undefined {
    const known = this.#instances.get(index)
    if (known !== undefined || this.#instances.has(index)) return known
    const topic = { ...this.topic, index }
    const assigned = isIndex(index) && this.#options.assignment.has(topic) ? topic : undefined
    if (this.#instances.size >= MAX_INSTANCES) this.#instances.clear()
    this.#instances.set(index, assigned)
    return assigned
  }

  #tellDropped(topic: SourceTopic | undefined): void {
    const fields = this.#dropped
    this.#dropped = []
    if (topic !== undefined) for (const field of fields) this.#options.onField(topic, field)
  }

  /** What a message does not say comes from its record, so that whoever reads it again says the same. */
  #stampsOf(
    message: SalMessage,
    { offset, timestampMs }: LogRecord,
    { partition }: RecordPlace
  ): SourceStamps {
    const { sndStamp, seqNum, origin, identity, revCode } = message
    return stampsOf({
      sndStamp: sndStamp === 0 ? taiSecondsOf(this.#rowMs(message) ?? timestampMs) : sndStamp,
      seqNum: seqNum === 0 ? Number(offset & MAX_SEQ_NUM) : seqNum,
      origin: seqNum === 0 && origin === 0 ? partition : origin,
      identity: identity === '' ? undefined : identity,
      revCode
    })
  }

  #rowMs({ kept }: SalMessage): number | undefined {
    const ms = this.#keep.length > this.keys.length ? Number(kept[this.keys.length] ?? 0) : 0
    return ms > 0 && Number.isSafeInteger(ms) ? ms : undefined
  }

  #encoded({ fields, kept }: SalMessage): EncodedFields {
    const { keys } = this
    if (keys.length === 0) return { bytes: fields, keys: NO_KEYS }
    return { bytes: fields, keys: Object.fromEntries(keys.map((key, i) => [key, kept[i]])) }
  }
}

const isIndex = (index: number): boolean => (index | 0) === index && index >= 0

function knownTopic(catalogue: Catalogue, { csc, kind, name }: SharedTopic): CatalogueTopic | undefined {
  const component = catalogue.component(csc)
  return kind === 'tel' ? component?.telemetry.get(name) : component?.events.get(name)
}

const isRow = (known: CatalogueTopic | undefined): boolean =>
  known?.fields.some(({ name, type }) => name === ROW_TIME && type === 'int64') === true

/** A message whose fields are made into an object only for those who ask for it. */
class EncodedMessage implements SourceMessage {
  readonly topic: SourceTopic
  readonly stamps: SourceStamps
  readonly encoded: EncodedFields
  readonly mayBeStored: boolean
  #fields: Readonly<Fields> | undefined

  constructor(topic: SourceTopic, stamps: SourceStamps, encoded: EncodedFields, mayBeStored: boolean) {
    this.topic = topic
    this.stamps = stamps
    this.encoded = encoded
    this.mayBeStored = mayBeStored
  }

  get fields(): Readonly<Fields> {
    this.#fields ??= decodeFields(this.encoded.bytes)
    return this.#fields
  }
}
