import { createRarely } from '@meridian/broker'
import type { Catalogue, Component as Definition, Topic, TopicKind } from '@meridian/catalogue'
import { AppError } from '@meridian/errors'
import type { Fields } from '@meridian/msgpack'
import type { ExecReply } from '@meridian/protocol/commands'
import {
  createRegistry,
  kafkaTopicOf,
  type LogReader,
  type Registry,
  type SalAccess,
  tryUntilDone
} from '@meridian/sal'
import {
  ackFieldsOf,
  type BatchWriter,
  createBatchWriter,
  createCommandReader,
  createRecordWriter,
  makeTopics,
  type RecordWriter,
  type SalCommand,
  salTopicOf,
  topicsOf
} from '@meridian/sal/component'
import { systemClock } from '@meridian/time'
import type { Logger } from 'pino'
import type { Executor } from '../executor.ts'
import type { Outlet, PublishedTopic } from '../outlet.ts'

/** The components of an observatory, as Kafka sees them. */
export interface KafkaComponents {
  readonly outlet: Outlet
  /** Resolves when all topics and schemas are there and commands are read. Tries until then. */
  open(): Promise<void>
  /** How far it is with that. */
  progress(): string
  close(): Promise<void>
  badRequests(): number
  notSaid(): number
  failures(): number
}

/** How Kafka is reached, who speaks, and who executes what is commanded. */
export interface KafkaComponentsOptions {
  readonly access: SalAccess
  readonly catalogue: Catalogue
  readonly components: readonly { readonly csc: string; readonly index: number }[]
  readonly executor: Executor
  readonly log: Logger
}

/** Makes them; nothing is opened yet. */
export const createKafkaComponents = (options: KafkaComponentsOptions): KafkaComponents =>
  new Components(options)

/** What is said, and by whom. */
type SaidTopic = Pick<PublishedTopic, 'csc' | 'index' | 'name'>

/** Schemas that are registered at a time. */
const AT_ONCE = 8

class Components implements KafkaComponents {
  readonly #options: KafkaComponentsOptions
  readonly #log: Logger
  readonly #logRarely = createRarely()
  readonly #definitions: readonly Definition[]
  readonly #registry: Registry
  readonly #batches: BatchWriter
  readonly #commands: LogReader
  readonly #writers = new Map<string, RecordWriter>()
  /** Topics of Kafka that are there. */
  readonly #there = new Set<string>()
  readonly #ending = new AbortController()
  #badRequests = 0
  #refused = 0
  #failures = 0

  constructor(options: KafkaComponentsOptions) {
    const { access, log } = options
    this.#options = options
    this.#log = log.child({ part: 'sal-kafka' })
    this.#definitions = definitionsOf(options)
    this.#registry = createRegistry(access.registry)
    this.#batches = createBatchWriter(access.kafka, error => this.#failed(error))
    const names = new Set(this.#definitions.map(({ name }) => name))
    this.#commands = createCommandReader({
      access,
      registry: this.#registry,
      isOurs: csc => names.has(csc),
      onCommand: command => this.#execute(command),
      onBad: (error, topic) => this.#bad(error, topic),
      failed: error => this.#failed(error)
    })
  }

  readonly outlet: Outlet = topic => {
    const write = this.#writers.get(nameOf(topic))
    return values => this.#say(write, topic, values)
  }

  progress(): string {
    const all = this.#definitions.flatMap(topicsOf).length
    return `${this.#there.size} of ${all} topics made, ${this.#writers.size} schemas registered`
  }

  async open(): Promise<void> {
    const topics = this.#definitions.flatMap(topicsOf)
    this.#log.info({ topics: topics.length }, 'topics of Kafka are made, and schemas registered')
    for (const areCompacted of [true, false])
      await this.#makeTopics(
        topics.filter(({ kind }) => (kind === 'event') === areCompacted),
        areCompacted
      )
    await this.#register()
    await this.#tryUntilDone(() => this.#commands.start())
    this.#log.info({ topics: topics.length }, 'components speak SAL on Kafka')
  }

  async close(): Promise<void> {
    this.#ending.abort()
    await this.#commands.stop()
    await this.#batches.close()
  }

  badRequests(): number {
    return this.#badRequests
  }

  notSaid(): number {
    return this.#refused + this.#batches.dropped()
  }

  failures(): number {
    return this.#failures
  }

  #makeTopics(topics: readonly Topic[], areCompacted: boolean): Promise<void> {
    const { access } = this.#options
    const names = topics.map(topic => kafkaTopicOf(salTopicOf(topic, access.subname)))
    const onThere = (made: readonly string[]): void => {
      for (const name of made) this.#there.add(name)
    }
    return this.#tryUntilDone(() => makeTopics(access.kafka, names, { areCompacted, onThere }))
  }

  async #register(): Promise<void> {
    const left = this.#definitions.flatMap(definition =>
      topicsOf(definition).map(topic => ({ definition, topic }))
    )
    const registerAll = async (): Promise<void> => {
      for (let one = left.pop(); one !== undefined; one = left.pop())
        await this.#registerOne(one.topic, one.definition)
    }
    await Promise.all(Array.from({ length: AT_ONCE }, registerAll))
  }

  async #registerOne(topic: Topic, definition: Definition): Promise<void> {
    const { subname } = this.#options.access
    const write = await this.#tryUntilDone(() =>
      createRecordWriter(topic, definition, { registry: this.#registry, subname })
    )
    this.#writers.set(nameOf(topic), write)
  }

  #tryUntilDone<T>(act: () => Promise<T>): Promise<T> {
    const { signal: stopping } = this.#ending
    // Whatever is answered wrongly now may be right once the registry is there in whole.
    return tryUntilDone(act, { stopping, failed: error => this.#failed(error), mayPass: () => true })
  }

  /** An index that nobody plays has no answer, as at an observatory. */
  #execute(command: SalCommand): void {
    const { csc, index, command: name, fields } = command
    this.#options.executor.execute({ id: idOf(command), csc, index, command: name, params: fields }, reply =>
      this.#acknowledge(command, reply)
    )
  }

  #acknowledge(command: SalCommand, reply: ExecReply): void {
    const { csc, index } = command
    const fields: Fields = {
      private_sndStamp: systemClock.taiSeconds(),
      private_identity: `${csc}:${index}`,
      ...ackFieldsOf(command, reply)
    }
    const topic = { csc, index, kind: 'ackcmd', name: 'ackcmd' } as const
    this.#say(this.#writers.get(nameOf(topic)), topic, fields)
  }

  #say(write: RecordWriter | undefined, topic: SaidTopic, values: Readonly<Fields>): void {
    try {
      if (write === undefined)
        throw new AppError('SAL_NO_SCHEMA', { detail: 'the catalogue has no such topic' })
      this.#batches.write(write(topic.index, values))
    } catch (error) {
      this.#notSaid(topic, AppError.from(error))
    }
  }

  #notSaid({ csc, name }: SaidTopic, { code, message }: AppError): void {
    this.#refused++
    const say = (times: number): void => this.#log.error({ code, csc, topic: name, times }, message)
    this.#logRarely(code, say, `${csc} ${name}`)
  }

  #bad({ code, message }: AppError, topic: string): void {
    this.#badRequests++
    this.#logRarely(code, times => this.#log.warn({ code, topic, times }, message), topic)
  }

  #failed({ code, message }: AppError): void {
    this.#failures++
    this.#logRarely(code, times => this.#log.warn({ code, times }, message))
  }
}

/** What is played, and the scripts of its queues. */
function definitionsOf({ catalogue, components }: KafkaComponentsOptions): readonly Definition[] {
  const names = new Set(components.map(({ csc }) => csc))
  if (names.has('ScriptQueue')) names.add('Script')
  return [...names].flatMap(name => catalogue.component(name) ?? [])
}

/** A number is good for one writer and one instance [docs/sal.md#commands]. */
const idOf = ({ csc, index, command, identity, origin, seqNum }: SalCommand): string =>
  `${identity} ${origin} ${csc}:${index} ${command} ${seqNum}`

interface NamedTopic {
  readonly csc: string
  readonly kind: PublishedTopic['kind'] | TopicKind
  readonly name: string
}

/** A heartbeat is an event among others. */
const nameOf = ({ csc, kind, name }: NamedTopic): string =>
  `${csc} ${kind === 'heartbeat' ? 'event' : kind} ${name}`
