import { createRarely, streamTable } from '@meridian/broker'
import { AppError } from '@meridian/errors'
import {
  createLogReader,
  createRegistry,
  type FoundPartition,
  type LogReader,
  type Partition,
  parseKafkaTopic,
  type SalAccess,
  type TakenPartition,
  tryUntilDone
} from '@meridian/sal'
import type { ServiceContext } from '@meridian/service'
import { systemClock } from '@meridian/time'
import type { SourceHandlers, SourceMessage, SourceOptions } from '../source.ts'
import { type Beginning, beginningsOf } from './beginnings.ts'
import { inOrder } from './in-order.ts'
import {
  createPartitionReader,
  type PartitionReader,
  type PartitionReaderOptions
} from './partition-reader.ts'
import { createSchemaReaders, type SchemaReaders } from './schema-reader.ts'
import { createTopicMessages, sharedTopicOf, type TopicMessages } from './topic-messages.ts'
import { isWanted } from './wanted-topics.ts'

// A partition: history (of events, up to where the streams stand: only the last of each instance and key) ->
// overlap (said before this process began: looked up) -> live. What comes in one answer of a broker is handed over
// before the next one is asked for.

/** The reading of SAL's topics by one process. */
export interface KafkaReading {
  /** Resolves when every partition has its position: nothing that is said from now on is missed. Tries until then. */
  begin(): Promise<void>
  stop(): Promise<void>
  /** Ms in which Kafka, or a registry that was asked, has not answered. */
  silence(): { readonly kafkaMs: number; readonly registryMs: number }
}

/** A source's options, and how Kafka is reached. */
export interface KafkaReadingOptions extends SourceOptions {
  readonly access: SalAccess
}

/** Makes one; nothing is opened yet. */
export const readKafka = (
  options: KafkaReadingOptions,
  context: ServiceContext,
  handlers: SourceHandlers
): KafkaReading => new Reading(options, context, handlers)

class Reading implements KafkaReading {
  readonly #options: KafkaReadingOptions
  readonly #context: ServiceContext
  readonly #handlers: SourceHandlers
  readonly #reader: LogReader
  readonly #schemas: SchemaReaders
  readonly #topics = new Map<string, TopicMessages | undefined>()
  readonly #partitions = new Map<string, PartitionReader>()
  /** Partitions of which something from before the start is not read yet. */
  readonly #behind = new Set<PartitionReader>()
  readonly #ending = new AbortController()
  readonly #logRarely = createRarely()
  #hasBegun = false
  #failures = 0
  #lost = 0

  constructor(options: KafkaReadingOptions, context: ServiceContext, handlers: SourceHandlers) {
    this.#options = options
    this.#context = context
    this.#handlers = handlers
    const failed = (error: AppError): void => this.#fail(error)
    this.#schemas = createSchemaReaders(createRegistry(options.access.registry), this.#ending.signal, failed)
    this.#reader = createLogReader({
      access: options.access.kafka,
      wants: name => this.#topicOf(name) !== undefined,
      begin: found => this.#beginnings(found),
      take: taken => this.#take(taken),
      lost: (partition, from, to) => this.#lose(partition, from, to),
      failed
    })
    context.metrics.read('meridian_producer_source_failures_total', () => this.#failures)
    context.metrics.read('meridian_producer_source_lost_total', () => this.#lost)
  }

  async begin(): Promise<void> {
    const { signal } = this.#ending
    const failed = (error: AppError): void => this.#fail(error)
    await tryUntilDone(() => this.#begin(), { stopping: signal, failed, mayPass: () => true }).catch(
      error => {
        if (!signal.aborted) throw error
      }
    )
  }

  async #begin(): Promise<void> {
    await this.#handlers.stored.read(this.#context.broker)
    await this.#reader.start()
    this.#hasBegun = true
    this.#sayTopics()
  }

  /** Without rights to see them, or under another name of the installation, there is nothing that fails. */
  #sayTopics(): void {
    const topics = [...this.#topics.values()].filter(topic => topic !== undefined).length
    const facts = { topics, seen: this.#topics.size, subname: this.#options.access.subname }
    if (topics > 0) this.#context.log.info(facts, 'topics of Kafka are read')
    else this.#context.log.warn(facts, 'Kafka shows no topic that is assigned: it is asked again')
  }

  async stop(): Promise<void> {
    this.#ending.abort()
    await this.#reader.stop()
  }

  silence(): { readonly kafkaMs: number; readonly registryMs: number } {
    const askingMs = this.#schemas.askingSinceMs()
    const registryMs = askingMs === undefined ? 0 : performance.now() - askingMs
    // What waits for a schema or for room asks Kafka nothing.
    return { registryMs, kafkaMs: this.#reader.silentMs() }
  }

  #topicOf(kafkaTopic: string): TopicMessages | undefined {
    if (this.#topics.has(kafkaTopic)) return this.#topics.get(kafkaTopic)
    const made = this.#makeTopic(kafkaTopic)
    this.#topics.set(kafkaTopic, made)
    return made
  }

  #makeTopic(kafkaTopic: string): TopicMessages | undefined {
    const { access, assignment, catalogue, instances } = this.#options
    // What is not SAL's may stand beside it on the same Kafka.
    if (!kafkaTopic.startsWith(`lsst.${access.subname}.`)) return undefined
    try {
      const topic = sharedTopicOf(parseKafkaTopic(kafkaTopic))
      if (topic === undefined || !isWanted(topic, { assignment, catalogue, instances })) return undefined
      return createTopicMessages(topic, { assignment, catalogue, onField: this.#handlers.onField })
    } catch (caught) {
      this.#fail(AppError.from(caught))
      return undefined
    }
  }

  async #beginnings(found: readonly FoundPartition[]): Promise<readonly bigint[]> {
    const all = this.#hasBegun ? found.map(beginningOfLater) : await this.#beginningsFrom(found)
    for (const [i, partition] of found.entries()) this.#open(partition, all[i] ?? beginningOfLater(partition))
    return all.map(({ from }) => from)
  }

  #beginningsFrom(found: readonly FoundPartition[]): Promise<readonly Beginning[]> {
    const topics = this.#topics
    return beginningsOf(found, {
      ...this.#options,
      offsetsSince: (names, timeMs) => this.#reader.offsetsSince(names, timeMs),
      stored: this.#handlers.stored,
      nowMs: systemClock.nowMs,
      catchUpMs: this.#options.config.CATCH_UP_MINUTES * 60_000,
      scriptsKeptMs: scriptsKeptMs(this.#options.site),
      topicOf: name => topicIn(topics, name).topic,
      keysOf: name => topicIn(topics, name).keys,
      onLate: (topic, fromMs, toMs) =>
        this.#context.log.warn(
          { csc: topic.csc, topic: topic.name, from: new Date(fromMs), to: new Date(toMs) },
          'telemetry of this time is not read: it is longer ago than CATCH_UP_MINUTES'
        )
    })
  }

  #open(partition: Partition, beginning: Beginning): void {
    const messages = topicIn(this.#topics, partition.topic)
    const options: PartitionReaderOptions = {
      messages,
      schemas: this.#schemas,
      stopping: this.#ending.signal,
      partition: partition.partition,
      beginning,
      onFault: (code, facts) =>
        this.#handlers.onFault(code, {
          topic: partition.topic,
          of: { ...messages.topic, index: 0 },
          ...facts
        })
    }
    const reader = createPartitionReader(options)
    const deleted = this.#partitions.get(nameOf(partition))
    this.#partitions.set(nameOf(partition), reader)
    if (reader.isBehind()) this.#behind.add(reader)
    if (deleted !== undefined) this.#catchUp(deleted)
  }

  async #take(taken: readonly TakenPartition[]): Promise<void> {
    const parts = await Promise.all(taken.map(part => this.#read(part)))
    // Without a wait in between: what is published in one turn goes to the broker in one write.
    for (const some of byTopic(parts)) {
      for (const message of inOrder(some.map(({ messages }) => messages))) this.#handlers.onMessage(message)
      for (const { reader } of some) if (reader?.isBehind() === false) this.#catchUp(reader)
    }
    const room = this.#handlers.room()
    if (room !== undefined) await room
  }

  async #read(part: TakenPartition): Promise<ReadPartition> {
    const reader = this.#partitions.get(nameOf(part))
    return { topic: part.topic, reader, messages: (await reader?.read(part)) ?? [] }
  }

  #catchUp(reader: PartitionReader): void {
    // What is left out at the end, because the registry is away, is not read.
    if (this.#ending.signal.aborted || !this.#behind.delete(reader) || this.#behind.size > 0) return
    this.#context.log.info('everything from before the start is read')
    this.#handlers.stored.forget()
  }

  #fail(error: AppError): void {
    if (this.#ending.signal.aborted) return
    this.#failures++
    this.#logRarely(error.code, () =>
      this.#context.log.warn({ code: error.code, failures: this.#failures }, error.message)
    )
  }

  #lose({ topic, partition }: Partition, from: bigint, to: bigint): void {
    this.#lost += Number(to - from)
    this.#context.log.error(
      { topic, partition, from: String(from), to: String(to) },
      'Kafka dropped what was not read'
    )
  }
}

/** The table says it of a laptop and of a site alike. */
const scriptsKeptMs = (site: string): number =>
  streamTable(site, 'site').find(({ name }) => name === 'SCRIPT')?.maxAgeMs ?? 0

const nameOf = ({ topic, partition }: Partition): string => `${topic}/${partition}`

/** What one answer said of a partition. */
interface ReadPartition {
  readonly topic: string
  readonly reader: PartitionReader | undefined
  readonly messages: readonly SourceMessage[]
}

function byTopic(parts: readonly ReadPartition[]): Iterable<readonly ReadPartition[]> {
  const topics = new Map<string, ReadPartition[]>()
  for (const part of parts) {
    const some = topics.get(part.topic)
    if (some === undefined) topics.set(part.topic, [part])
    else some.push(part)
  }
  return topics.values()
}

/** A topic that is made later, or anew, is read from its first record. */
const beginningOfLater = ({ earliest }: FoundPartition): Beginning => ({
  from: earliest,
  liveFrom: earliest,
  end: earliest
})

function topicIn(topics: ReadonlyMap<string, TopicMessages | undefined>, name: string): TopicMessages {
  const topic = topics.get(name)
  if (topic === undefined) throw new AppError('GEN_INTERNAL', { detail: `${name} is not read` })
  return topic
}
