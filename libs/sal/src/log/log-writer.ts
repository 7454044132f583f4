import { ProduceAcks, Producer } from '@platformatic/kafka'
import { clientOptions, type KafkaAccess } from './kafka-access.ts'
import { kafkaError } from './kafka-error.ts'

/** One record for Kafka; records of one `key` go to one partition, in their order. */
export interface WrittenRecord {
  readonly topic: string
  readonly key: string
  readonly value: Uint8Array
}

/** A record as Kafka's client takes it: without a serializer its key is bytes, though its types want a text. */
export const messageOf = ({ topic, key, value }: WrittenRecord) => ({
  topic,
  key: Buffer.from(key) as unknown as string,
  value: Buffer.from(value.buffer, value.byteOffset, value.length)
})

/** Writes single records to Kafka, each once. */
export interface LogWriter {
  /**
   * Resolves when every replica that counts has it. Rejects with SAL_KAFKA where that is not known after some seconds:
   * then it may have been written all the same.
   */
  write(record: WrittenRecord): Promise<void>
  close(): Promise<void>
}

/** A record that Kafka does not take at once is none that should be written late. */
const TIMEOUT_MS = 2_000

/** Makes one; nothing is opened yet. */
export function createLogWriter(access: KafkaAccess): LogWriter {
  const producer = new Producer<string, Buffer, string, string>({
    ...clientOptions(access),
    ...{ connectTimeout: TIMEOUT_MS, requestTimeout: TIMEOUT_MS, timeout: TIMEOUT_MS }
  })
  return {
    async write(record) {
      await producer
        .send({ messages: [messageOf(record)], acks: ProduceAcks.ALL })
        .catch((cause: unknown) => {
          throw kafkaError(cause)
        })
    },
    close: () => producer.close()
  }
}
