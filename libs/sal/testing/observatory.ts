// Components that speak SAL on a real Kafka, for tests.
import { type Catalogue, loadCatalogue, type Topic } from '@meridian/catalogue'
import type { Fields } from '@meridian/msgpack'
import { startRegistry, type TestKafka, type TestRegistry, type TestRegistryOptions } from '@meridian/testing'
import { taiSecondsOf } from '@meridian/time'
import { Admin, Producer } from '@platformatic/kafka'
import {
  createRegistry,
  frameOf,
  kafkaTopicOf,
  registrySubjectOf,
  type SalTopic,
  schemaTextOf
} from '../src/index.ts'
import { createMessageWriter, type MessageWriter } from '../src/writing.ts'

/** What a component says: private fields are those that a real one would give, where they are not given. */
export interface Said {
  readonly csc: string
  readonly kind: Topic['kind']
  readonly topic: string
  readonly index?: number
  readonly fields?: Readonly<Fields>
  readonly partition?: number
}

/** A record as it is: for those that no component would write. */
interface RawRecord {
  readonly topic: string
  readonly value: Uint8Array | null
  readonly key?: string
}

/** A registry of whatever make. */
export interface StartedRegistry {
  readonly url: string
  stop(): Promise<void>
}

/** Components, and the registry that they use, which ends with them. */
export interface Observatory<R extends StartedRegistry = TestRegistry> {
  readonly registry: R
  readonly settings: Readonly<Record<string, string>>
  /** Makes a topic of Kafka and registers its schema; gives its name. */
  make(said: Named, partitions?: number): Promise<string>
  /** Says it all, in order; resolves when Kafka has it. */
  say(...said: readonly Said[]): Promise<void>
  put(...records: readonly RawRecord[]): Promise<void>
  /** The number of a schema under which a topic is registered. */
  register(said: Named, schema?: string): Promise<number>
  readonly catalogue: Catalogue
  stop(): Promise<void>
}

interface Written {
  readonly id: number
  readonly write: MessageWriter
}

const ORIGIN = 4321

type Named = Pick<Said, 'csc' | 'kind' | 'topic'>

function topicOf(catalogue: Catalogue, { csc, kind, topic }: Named): Topic {
  const component = catalogue.component(csc)
  const topics = { event: component?.events, telemetry: component?.telemetry, command: component?.commands }
  const found = kind === 'ackcmd' ? component?.ackcmd : topics[kind]?.get(topic)
  if (found === undefined) throw new Error(`${csc} has no ${kind} ${topic}`)
  return found
}

const textOf = (catalogue: Catalogue, said: Named): string =>
  schemaTextOf(topicOf(catalogue, said), { indexed: catalogue.component(said.csc)?.indexed === true })

const nameOf = ({ csc, kind, topic }: Named): SalTopic => ({ subname: 'sal', csc, kind, name: topic })

const messageOf = ({ topic, value, key = '' }: RawRecord) => ({
  ...{ topic, partition: 0, key: Buffer.from(key) },
  value: value === null ? (null as unknown as Buffer) : Buffer.from(value)
})

const clientOf = ({ broker, user, password, ca, settings }: TestKafka) => ({
  ...{ clientId: 'components', bootstrapBrokers: [broker], retries: 20, retryDelay: 500 },
  ...(settings['LSST_KAFKA_SECURITY_USERNAME'] !== undefined && {
    sasl: { mechanism: 'SCRAM-SHA-512' as const, username: user, password }
  }),
  ...(ca !== undefined && { tls: { ca } })
})

/** Components on a broker, with a registry of our own; nobody speaks until he is told. */
export const createObservatory = async (
  kafka: TestKafka,
  who: TestRegistryOptions = {}
): Promise<Observatory> => createObservatoryWith(kafka, await startRegistry(who), who)

/** The same with a registry that is there. */
export function createObservatoryWith<R extends StartedRegistry>(
  kafka: TestKafka,
  registry: R,
  who: TestRegistryOptions = {}
): Observatory<R> {
  const catalogue = loadCatalogue()
  const client = clientOf(kafka)
  const admin = new Admin(client)
  const producer = new Producer(client)
  const schemas = createRegistry({ url: registry.url, ...who })
  const written = new Map<string, Promise<Written>>()
  let seqNum = 0

  const writtenBy = async (said: Named): Promise<Written> => {
    const text = textOf(catalogue, said)
    return {
      id: await schemas.register(registrySubjectOf(nameOf(said)), text),
      write: createMessageWriter(text)
    }
  }
  const recordOf = async (said: Said) => {
    const { csc, index = 0, fields = {}, topic, kind, partition } = said
    const name = kafkaTopicOf(nameOf(said))
    const known = written.get(name) ?? writtenBy(said)
    written.set(name, known)
    const { id, write } = await known
    const isIndexed = catalogue.component(csc)?.indexed === true
    const value = frameOf(
      id,
      write({
        ...(isIndexed && { salIndex: index }),
        ...{ private_sndStamp: taiSecondsOf(Date.now()), private_seqNum: ++seqNum, private_origin: ORIGIN },
        private_identity: isIndexed ? `${csc}:${index}` : csc,
        private_revCode: topicOf(catalogue, said).revCode,
        ...fields
      })
    )
    const key = kind === 'event' ? `{ "name": "${csc}", "index": ${index}, "topic": "${topic}" }` : ''
    return { topic: name, key: Buffer.from(key), value: Buffer.from(value), partition: partition ?? 0 }
  }

  return {
    registry,
    catalogue,
    async stop() {
      await Promise.all([admin.close(), producer.close(), registry.stop()])
    },
    settings: {
      ...kafka.settings,
      LSST_SCHEMA_REGISTRY_URL: registry.url,
      ...(who.user !== undefined && {
        LSST_SCHEMA_REGISTRY_USERNAME: who.user,
        LSST_SCHEMA_REGISTRY_PASSWORD: who.password ?? ''
      })
    },
    async make(said, partitions = 1) {
      const name = kafkaTopicOf(nameOf(said))
      if (!(await admin.listTopics({})).includes(name))
        await admin.createTopics({ topics: [name], partitions, replicas: 1 })
      written.set(name, writtenBy(said))
      await written.get(name)
      return name
    },
    async say(...said) {
      const messages = []
      for (const one of said) messages.push(await recordOf(one))
      await producer.send({ messages, acks: -1 })
    },
    async put(...records) {
      await producer.send({ messages: records.map(messageOf), acks: -1 })
    },
    register: (said, schema = textOf(catalogue, said)) =>
      schemas.register(registrySubjectOf(nameOf(said)), schema)
  }
}
