import { salAccessOf } from '@meridian/sal'
import type { KafkaComponents } from './kafka-components.ts'
import type { Transport, TransportOptions } from './transport.ts'

/**
 * Components that speak SAL on Kafka, as those of an observatory do: they make their topics, register their schemas, and
 * acknowledge what they are commanded [docs/sal.md#kafka]. Throws CFG_INVALID for settings that contradict each other.
 */
export function createSalKafkaTransport({ config, catalogue, log }: TransportOptions): Transport {
  const access = salAccessOf(config, 'meridian-simulator')
  let kafka: KafkaComponents | undefined
  let isOpen = false
  return {
    name: 'Kafka and its registry of schemas',
    outlet(topic) {
      if (kafka === undefined) throw new Error('said before the transport was open')
      return kafka.outlet(topic)
    },
    async open(_context, components, executor) {
      // Only who writes to Kafka loads its client.
      const { createKafkaComponents } = await import('./kafka-components.ts')
      kafka = createKafkaComponents({ access, catalogue, log, components, executor })
      await kafka.open()
      isOpen = true
    },
    progress: () => (isOpen ? undefined : kafka?.progress()),
    close: async () => kafka?.close(),
    badRequests: () => kafka?.badRequests() ?? 0,
    notSaid: () => kafka?.notSaid() ?? 0,
    failures: () => kafka?.failures() ?? 0,
    endpoints: []
  }
}
