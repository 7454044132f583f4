import { createNatsRawTransport } from './nats-raw.ts'
import { createSalKafkaTransport } from './sal-kafka.ts'
import type { Transport, TransportOptions } from './transport.ts'
import type { TransportName } from './transport-names.ts'

/** Every transport by the name that TRANSPORT gives it. Making one opens nothing. */
export const transports = {
  'nats-raw': createNatsRawTransport,
  'sal-kafka': createSalKafkaTransport
} as const satisfies Readonly<Record<TransportName, (options: TransportOptions) => Transport>>
