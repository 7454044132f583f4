import { AppError } from '@meridian/errors'
import type { LogRecord, TakenPartition } from '@meridian/sal'
import type { SourceFault, SourceMessage } from '../source.ts'
import type { Beginning } from './beginnings.ts'
import { createLastMessages, type ValueRecord } from './last-messages.ts'
import type { SchemaReaders } from './schema-reader.ts'
import type { TopicMessages } from './topic-messages.ts'

/** Reads what comes of one partition. */
export interface PartitionReader {
  /** The messages of some records, in their order. What is none is told, and left out. */
  read(part: Pick<TakenPartition, 'records' | 'next'>): Promise<readonly SourceMessage[]>
  /** Whether it has not come to what is said since the process began. */
  isBehind(): boolean
}

/** A partition's topic and beginning, and who hears of what is no message. */
export interface PartitionReaderOptions {
  readonly messages: TopicMessages
  readonly schemas: SchemaReaders
  /** Nothing is handed over once a wait has ended by it: what was waited for would be missing among the rest. */
  readonly stopping: AbortSignal
  readonly partition: number
  readonly beginning: Beginning
  readonly onFault: (code: SourceFault, facts: Readonly<Record<string, unknown>>) => void
}

const FAULTS: ReadonlySet<string> = new Set<SourceFault>([
  'SAL_BAD_MESSAGE',
  'SAL_BAD_SCHEMA',
  'SAL_NO_SCHEMA'
])
const isFault = (code: string): code is SourceFault => FAULTS.has(code)

/** Makes the reader of a partition at its beginning. */
export const createPartitionReader = (options: PartitionReaderOptions): PartitionReader =>
  new BeginningPartition(options)

class BeginningPartition implements PartitionReader {
  readonly #options: PartitionReaderOptions
  readonly #last
  #next: bigint
  #isHistory: boolean

  constructor(options: PartitionReaderOptions) {
    this.#options = options
    const { from, liveFrom } = options.beginning
    this.#last = createLastMessages(options.messages.keys)
    this.#next = from
    this.#isHistory = from < liveFrom
  }

  isBehind(): boolean {
    return this.#next < this.#options.beginning.end
  }

  async read({ records, next }: Pick<TakenPartition, 'records' | 'next'>): Promise<readonly SourceMessage[]> {
    const values = records.filter(hasValue)
    const messages = this.#isHistory ? await this.#readHistory(values, next) : []
    if (!this.#isHistory) await this.#readOn(values, messages)
    this.#next = next
    return messages
  }

  async #readHistory(values: readonly ValueRecord[], next: bigint): Promise<SourceMessage[]> {
    const { liveFrom } = this.#options.beginning
    for (const record of values) {
      const reading = record.offset < liveFrom ? this.#keep(record) : undefined
      if (reading !== undefined) await reading
    }
    this.#last.copy()
    return next >= liveFrom ? await this.#endHistory() : []
  }

  async #readOn(values: readonly ValueRecord[], messages: SourceMessage[]): Promise<void> {
    const { beginning, stopping } = this.#options
    for (const record of values) {
      if (record.offset < beginning.liveFrom) continue
      const message = this.#messageOf(record)
      const said = message instanceof Promise ? await message : message
      if (message instanceof Promise && stopping.aborted) return
      if (said !== undefined) messages.push(said)
    }
  }

  /** A wait for each of a million records takes longer than keeping them. */
  #keep(record: ValueRecord): Promise<void> | undefined {
    return this.#last.keep(record) ? undefined : this.#put(record)
  }

  async #put(record: ValueRecord): Promise<void> {
    const message = await this.#messageOf(record)
    if (message !== undefined) this.#last.put(record.offset, message)
  }

  async #endHistory(): Promise<SourceMessage[]> {
    this.#isHistory = false
    for (const record of this.#last.kept()) await this.#put(record)
    return this.#last.take()
  }

  /** What a record says; undefined where it is nobody's here, or none, which is told. */
  #messageOf(record: ValueRecord): SourceMessage | undefined | Promise<SourceMessage | undefined> {
    const { messages, schemas, partition, beginning } = this.#options
    const place = { partition, mayBeStored: record.offset < beginning.end }
    try {
      const reader = schemas.of(messages, record.value)
      if (!(reader instanceof Promise)) return messages.read(reader, record, place)
      return reader
        .then(reader => messages.read(reader, record, place))
        .catch((caught: unknown) => this.#fault(caught, record))
    } catch (caught) {
      return this.#fault(caught, record)
    }
  }

  #fault(caught: unknown, { offset }: LogRecord): undefined {
    if (this.#options.stopping.aborted) return undefined
    const { code, message } = AppError.from(caught)
    // Whatever a message does to its reader, the stream goes on.
    this.#options.onFault(isFault(code) ? code : 'SAL_BAD_MESSAGE', { err: message, offset: String(offset) })
    return undefined
  }
}

const hasValue = (record: LogRecord): record is ValueRecord => record.value !== null
