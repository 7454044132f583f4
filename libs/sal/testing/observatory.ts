// Components that speak SAL on a real Kafka, for tests.
import { type Catalogue, loadCatalogue, type Topic } from '@meridian/catalogue'
import type { Fields } from '@meridian/msgpack'
import { startRegistry, type TestKafka, type TestRegistry, type TestRegistryOptions } from '@meridian/testing'
import { taiSecondsOf } from '@meridian/time'
import { Admin, ConfigResourceTypes, Producer } from '@platformatic/kafka'
import { createRecordWriter, makeTopics, type RecordWriter, salTopicOf } from '../src/component.ts'
import { createRegistry, kafkaTopicOf, registrySubjectOf, schemaTextOf } from '../src/index.ts'
import { clientOptions, type KafkaAccess } from '../src/log/kafka-access.ts'

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
  readonly access: KafkaAccess
  /** The same in settings of a service. */
  readonly settings: Readonly<Record<string, string>>
  /** Makes a topic of Kafka and registers its schema; gives its name. */
  make(said: Named, partitions?: number): Promise<string>
  /** Deletes a topic of Kafka. */
  unmake(said: Named): Promise<void>
  /** What Kafka forgets of a topic: `compact`, all but the last of each key; `delete`, what is old. */
  cleanupOf(said: Named): Promise<string | null | undefined>
  /** Says it all, in order; resolves when Kafka has it. */
  say(...said: readonly Said[]): Promise<void>
  put(...records: readonly RawRecord[]): Promise<void>
  /** The number of a schema under which a topic is registered. */
  register(said: Named, schema?: string): Promise<number>
  readonly catalogue: Catalogue
  stop(): Promise<void>
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

const messageOf = ({ topic, value, key = '' }: RawRecord) => ({
  ...{ topic, partition: 0, key: Buffer.from(key) },
  value: value === null ? (null as unknown as Buffer) : Buffer.from(value)
})

const accessOf = ({ broker, user, password, ca, settings }: TestKafka): KafkaAccess => ({
  ...{ clientId: 'components', brokers: broker },
  ...(settings['LSST_KAFKA_SECURITY_USERNAME'] !== undefined && {
    sasl: { mechanism: 'SCRAM-SHA-512' as const, user, password }
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
  const access = accessOf(kafka)
  const producer = new Producer({ ...clientOptions(access), retries: 20, retryDelay: 500 })
  const schemas = createRegistry({ url: registry.url, ...who })
  const writers = new Map<string, Promise<RecordWriter>>()
  let seqNum = 0

  const nameOf = (said: Named): string => kafkaTopicOf(salTopicOf(topicOf(catalogue, said), 'sal'))
  const isIndexed = ({ csc }: Named): boolean => catalogue.component(csc)?.indexed === true
  const writerOf = (said: Named): Promise<RecordWriter> =>
    createRecordWriter(
      topicOf(catalogue, said),
      { indexed: isIndexed(said) },
      { registry: schemas, subname: 'sal' }
    )
  const recordOf = async (said: Said) => {
    const { csc, index = 0, fields = {}, partition = 0 } = said
    const name = nameOf(said)
    const known = writers.get(name) ?? writerOf(said)
    writers.set(name, known)
    const { topic, key, value } = (await known)(index, {
      ...{ private_sndStamp: taiSecondsOf(Date.now()), private_seqNum: ++seqNum, private_origin: ORIGIN },
      private_identity: isIndexed(said) ? `${csc}:${index}` : csc,
      private_revCode: topicOf(catalogue, said).revCode,
      ...fields
    })
    return { topic, key: Buffer.from(key), value: Buffer.from(value), partition }
  }

  return {
    registry,
    access,
    catalogue,
    async stop() {
      await Promise.all([producer.close(), registry.stop()])
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
      const name = nameOf(said)
      await makeTopics(access, [name], { partitions })
      writers.set(name, writerOf(said))
      await writers.get(name)
      return name
    },
    async unmake(said) {
      const admin = new Admin(clientOptions(access))
      await admin.deleteTopics({ topics: [nameOf(said)] }).finally(() => admin.close())
    },
    async cleanupOf(said) {
      const admin = new Admin(clientOptions(access))
      const resource = {
        resourceType: ConfigResourceTypes.TOPIC,
        resourceName: nameOf(said),
        configurationKeys: ['cleanup.policy']
      }
      const [topic] = await admin.describeConfigs({ resources: [resource] }).finally(() => admin.close())
      return topic?.configs[0]?.value
    },
    async say(...said) {
      const messages = []
      for (const one of said) messages.push(await recordOf(one))
      await producer.send({ messages, acks: -1 })
    },
    async put(...records) {
      await producer.send({ messages: records.map(messageOf), acks: -1 })
    },
    register: (said, schema = schemaTextOf(topicOf(catalogue, said), { indexed: isIndexed(said) })) =>
      schemas.register(registrySubjectOf(salTopicOf(topicOf(catalogue, said), 'sal')), schema)
  }
}
