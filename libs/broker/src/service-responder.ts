import { ulid } from 'ulid'
import type { Broker, BrokerMessage } from './broker.ts'

/** Counts of one endpoint since the service started, as `$SRV.STATS` and `nats micro stats` show them. */
export interface EndpointStats {
  readonly requests: number
  readonly errors: number
  readonly lastError?: string
  /** Sum of the time taken, ms. */
  readonly processingMs: number
}

/** One subject that a service answers on or listens to. */
export interface ServiceEndpoint {
  readonly name: string
  readonly subject: string
  /** Empty where every instance of the service gets every message. */
  readonly queueGroup: string
  /** Asked when somebody looks; default: nothing is counted. */
  readonly stats?: () => EndpointStats
}

/** What a service says of itself to `$SRV.INFO` and to `nats micro info`. */
export interface ServiceInfo {
  /** Letters, digits, `-` and `_`. */
  readonly name: string
  /** Semantic version, such as `1.2.0`; the `nats` tool shows it. */
  readonly version: string
  readonly description: string
  readonly metadata?: Readonly<Record<string, string>>
  /** Asked at each look, since parts of a service come and go. Default: none. */
  readonly endpoints?: () => readonly ServiceEndpoint[]
}

/** Answers `$SRV.PING`, `$SRV.INFO` and `$SRV.STATS` until it is stopped. */
export interface ServiceResponder {
  /** The service's id on the broker, new at each start. */
  readonly id: string
  /** Answers what has arrived, then ends. Does nothing where the broker drains or is closed. */
  stop(): Promise<void>
}

const NANOSECONDS = 1_000_000
const NOTHING: EndpointStats = { requests: 0, errors: 0, processingMs: 0 }

/**
 * Answers `$SRV.PING|INFO|STATS`, so that `nats micro ls|info|stats` see the service. It answers for itself
 * only: the endpoints are subscribed by whoever serves them.
 */
export function startServiceResponder(broker: Broker, info: ServiceInfo): ServiceResponder {
  const id = ulid()
  const started = new Date().toISOString()
  const { name, version, description, metadata = {}, endpoints = () => [] } = info
  const identity = { name, id, version, metadata }
  const answers = {
    PING: () => ({ type: 'io.nats.micro.v1.ping_response', ...identity }),
    INFO: () => ({
      type: 'io.nats.micro.v1.info_response',
      ...identity,
      description,
      endpoints: endpoints().map(endpointOf)
    }),
    STATS: () => ({
      type: 'io.nats.micro.v1.stats_response',
      ...identity,
      started,
      endpoints: endpoints().map(endpoint => ({
        ...endpointOf(endpoint),
        ...countsOf(endpoint.stats?.() ?? NOTHING)
      }))
    })
  }
  const subscriptions = Object.entries(answers).flatMap(([verb, answer]) => {
    const respond = (message: BrokerMessage): void => message.respond(JSON.stringify(answer()))
    return ['', `.${name}`, `.${name}.${id}`].map(whom => broker.subscribe(`$SRV.${verb}${whom}`, respond))
  })
  return {
    id,
    async stop() {
      await Promise.all(subscriptions.map(subscription => subscription.drain()))
    }
  }
}

const endpointOf = ({ name, subject, queueGroup }: ServiceEndpoint) => ({
  name,
  subject,
  queue_group: queueGroup,
  metadata: {}
})

const countsOf = ({ requests, errors, lastError = '', processingMs }: EndpointStats) => ({
  num_requests: requests,
  num_errors: errors,
  last_error: lastError,
  processing_time: Math.round(processingMs * NANOSECONDS),
  average_processing_time: requests === 0 ? 0 : Math.round((processingMs * NANOSECONDS) / requests)
})
