import { salAccessOf } from '@meridian/sal'
import { notReady, ready } from '@meridian/service'
import type { Sink, SinkOptions } from '../sink.ts'
import type { KafkaCommands } from './kafka-commands.ts'

/** Kafka that is silent for so long is told of. */
const SILENT_MS = 10_000

/**
 * Sends commands to components that speak SAL on Kafka, and reads what they acknowledge [docs/sal.md#commands]. Each
 * command has an identity of its own, by which every commander knows the answers to it [adr/0024]. Throws CFG_INVALID
 * for settings that contradict each other.
 */
export function createSalKafkaSink({ catalogue, config }: SinkOptions): Sink {
  const access = salAccessOf(config, 'meridian-commander')
  let commands: KafkaCommands | undefined
  return {
    name: 'sal-kafka',
    async start(_context, handlers) {
      // Only who writes to Kafka loads its client.
      const { createKafkaCommands } = await import('./kafka-commands.ts')
      commands = createKafkaCommands({ access, catalogue, handlers })
      await commands.begin()
    },
    send: intake => commands?.send(intake),
    stop: async () => commands?.stop(),
    readiness() {
      const silentMs = commands?.silentMs() ?? 0
      return silentMs > SILENT_MS ? notReady(`Kafka is silent for ${Math.round(silentMs / 1000)} s`) : ready
    }
  }
}
