import { salAccessOf } from '@meridian/sal'
import { notReady, ready } from '@meridian/service'
import type { Source, SourceOptions } from '../source.ts'
import type { KafkaReading } from './kafka-reading.ts'

/** A broker of Kafka or a registry that is silent for so long is told of. */
const SILENT_MS = 10_000

/**
 * Reads what components say in SAL on Kafka [adr/0024]. It begins where the streams stand; Kafka keeps what it does
 * not take yet, so it waits for a schema, or for the broker, and loses nothing. Throws CFG_INVALID for settings that
 * contradict each other.
 */
export function createSalKafkaSource(options: SourceOptions): Source {
  const access = salAccessOf(options.config, 'meridian-producer')
  let reading: KafkaReading | undefined
  return {
    name: 'sal-kafka',
    async start(context, handlers) {
      // Only who reads Kafka loads its client.
      const { readKafka } = await import('./kafka-reading.ts')
      reading = readKafka({ ...options, access }, context, handlers)
      await reading.begin()
    },
    stop: async () => reading?.stop(),
    readiness() {
      const { registryMs = 0, kafkaMs = 0 } = reading?.silence() ?? {}
      if (registryMs > SILENT_MS)
        return notReady(`the registry of schemas is silent for ${seconds(registryMs)} s`)
      return kafkaMs > SILENT_MS ? notReady(`Kafka is silent for ${seconds(kafkaMs)} s`) : ready
    }
  }
}

const seconds = (ms: number): number => Math.round(ms / 1000)
