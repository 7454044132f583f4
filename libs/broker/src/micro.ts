import { ulid } from 'ulid'
import type { Broker, BrokerMessage } from './broker.ts'

/** One subject that a service answers on. */
export interface MicroEndpoint {
  readonly name: string
  readonly subject: string
  readonly queueGroup: string
}

/** Counts of one endpoint. */
export interface MicroStats {
  readonly requests: number
  readonly errors: number
  readonly lastError?: string
  /** Sum of the time taken, ms. */
  readonly processingMs: number
}

/** What a service says of itself. */
export interface MicroOptions {
  /** Letters, digits, `-` and `_`. */
  readonly name: string
  /** Semantic version. */
  readonly version: string
  readonly description: string
  readonly endpoints?: readonly MicroEndpoint[]
  readonly metadata?: Readonly<Record<string, string>>
  /** Counts of an endpoint, asked when somebody looks. */
  readonly stats?: (endpoint: string) => MicroStats
}

/** A running responder. */
export interface Micro {
  readonly id: string
  stop(): Promise<void>
}

const NANOSECONDS = 1_000_000
const NOTHING: MicroStats = { requests: 0, errors: 0, processingMs: 0 }

/**
 * Answers `$SRV.PING|INFO|STATS`, so that `nats micro ls|info|stats` see the service. It answers for itself only: the endpoints are
 * subscribed by whoever serves them.
 */
export function serveMicro(broker: Broker, options: MicroOptions): Micro {
  const id = ulid()
  const started = new Date().toISOString()
  const { name, version, description, endpoints = [], metadata = {}, stats = () => NOTHING } = options
  const identity = { name, id, version, metadata }
  const answers = {
    PING: () => ({ type: 'io.nats.micro.v1.ping_response', ...identity }),
    INFO: () => ({
      type: 'io.nats.micro.v1.info_response',
      ...identity,
      description,
      endpoints: endpoints.map(endpointOf)
    }),
    STATS: () => ({
      type: 'io.nats.micro.v1.stats_response',
      ...identity,
      started,
      endpoints: endpoints.map(endpoint => ({ ...endpointOf(endpoint), ...countsOf(stats(endpoint.name)) }))
    })
  }
  const subscriptions = Object.entries(answers).flatMap(([verb, answer]) => {
    const respond = (message: BrokerMessage): void => message.respond(JSON.stringify(answer()))
    return ['', `.${name}`, `.${name}.${id}`].map(whom => broker.subscribe(`$SRV.${verb}${whom}`, respond))
  })
  return {
    id,
    async stop() {
      if (broker.state() === 'closed') return
      await Promise.all(subscriptions.map(subscription => subscription.drain()))
    }
  }
}

const endpointOf = ({ name, subject, queueGroup }: MicroEndpoint) => ({
  name,
  subject,
  queue_group: queueGroup,
  metadata: {}
})

const countsOf = ({ requests, errors, lastError = '', processingMs }: MicroStats) => ({
  num_requests: requests,
  num_errors: errors,
  last_error: lastError,
  processing_time: Math.round(processingMs * NANOSECONDS),
  average_processing_time: requests === 0 ? 0 : Math.round((processingMs * NANOSECONDS) / requests)
})
