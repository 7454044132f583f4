import { type Component, salNameOf, type Topic } from '@meridian/catalogue'
import type { Fields } from '@meridian/msgpack'
import { createMessageWriter } from '../avro/message-writer.ts'
import { schemaTextOf } from '../avro/schema-of-topic.ts'
import { frameOf } from '../frame.ts'
import type { WrittenRecord } from '../log/log-writer.ts'
import type { Registry } from '../registry/registry.ts'
import { kafkaTopicOf, registrySubjectOf, type SalTopic } from '../topic-name.ts'

/**
 * Makes the record of one message of a topic: public and private fields by name, what is not given by SAL's default;
 * `index` goes where the component is indexed. Throws SAL_BAD_MESSAGE for a value that is not of its field's type.
 */
export type RecordWriter = (index: number, values: Readonly<Fields>) => WrittenRecord

/** Where a component registers its schemas, and the second part of its topics. */
export interface RecordWriterOptions {
  readonly registry: Pick<Registry, 'register'>
  readonly subname: string
}

/** All topics that a component has, as it makes them when it starts. */
export const topicsOf = ({ telemetry, events, commands, ackcmd }: Component): readonly Topic[] => [
  ...telemetry.values(),
  ...events.values(),
  ...commands.values(),
  ackcmd
]

/** The name of a topic of the catalogue on Kafka. */
export const salTopicOf = ({ csc, kind, name }: Topic, subname: string): SalTopic => ({
  subname,
  csc,
  kind,
  name
})

/** Registers the schema of a topic, as its component does, and makes the writer of its records. Rejects with SAL_REGISTRY. */
export async function createRecordWriter(
  topic: Topic,
  { indexed }: Pick<Component, 'indexed'>,
  { registry, subname }: RecordWriterOptions
): Promise<RecordWriter> {
  const text = schemaTextOf(topic, { indexed })
  const id = await registry.register(registrySubjectOf(salTopicOf(topic, subname)), text)
  const write = createMessageWriter(text)
  const name = kafkaTopicOf(salTopicOf(topic, subname))
  return (index, values) => ({
    topic: name,
    key: keyOf(topic, index),
    value: frameOf(id, write(indexed ? { ...values, salIndex: index } : values))
  })
}

/** As SAL's clients spell it; nobody reads it. Telemetry has none. */
const keyOf = (topic: Topic, index: number): string =>
  topic.kind === 'telemetry'
    ? ''
    : `{ "name": "${topic.csc}", "index": ${index}, "topic": "${salNameOf(topic)}" }`
