import { randomInt } from 'node:crypto'
import { type Broker, type BrokerSubscription, createPublisher, type Publisher } from '@meridian/broker'
import { loadObservatory } from '@meridian/catalogue'
import { AppError } from '@meridian/errors'
import {
  notReady,
  partGroup,
  type Readiness,
  ready,
  type ServiceContext,
  type ServicePart,
  type ServiceParts
} from '@meridian/service'
import { systemClock } from '@meridian/time'
import type { Logger } from 'pino'
import { type Carried, parseCarried } from './carried.ts'
import type { ProducerConfig } from './config.ts'
import { type Counts, createCounts } from './counts.ts'
import { addProducerMetrics } from './metrics.ts'
import { createQueueStates, type QueueStates } from './queue-states.ts'
import { createRoutes } from './routes.ts'
import { createSampler, type Sampler } from './sampler.ts'
import { createStoring } from './storing.ts'

/** Queues of the observatory: main telescope, auxiliary telescope, both [docs/sal.md#script-queues]. Others are found when they speak. */
const KNOWN_QUEUES = [1, 2, 3]
/** Part of the time to stop that is kept for closing the connections once samples are stored. */
const CLOSING_MS = 1_000
/** A connected broker that stores nothing for so long is no broker: a disk that is full, a stream that is gone. */
const STUCK_MS = 10_000

/**
 * The parts of a producer, in the order in which samples leave it: publisher, script queues, source. So it stops reading first, and stores what it
 * has read last. Throws CFG_INVALID, or what is wrong with the site file or the catalogue.
 */
export function producerParts(config: ProducerConfig, log: Logger): ServiceParts {
  const { SITE: site, UNKNOWN_TOPICS: maxUnknownTopics } = config
  const { catalogue, site: facts } = loadObservatory(config)
  const carried = parseCarried(config.PRODUCE, config.EXCEPT, () => facts.parts)
  const clock = systemClock
  const counts = createCounts(log, clock)
  const routes = createRoutes({ site, catalogue, carried, counts, maxUnknownTopics })
  return [
    partGroup('the source', ({ broker, metrics }: ServiceContext) => {
      const origin = randomInt(1, 0x7fffffff)
      const publisher = createPublisher(broker, { log, spoolBytes: config.SPOOL_MB * 1024 * 1024 })
      const publish = publisher.publish.bind(publisher)
      const queueStates = createQueueStates({ broker, site, clock, log, origin, publish })
      const onQueueEvent = queueStates.take.bind(queueStates)
      const sampler = createSampler({ routes, counts, clock, origin, publish, onQueueEvent })
      addProducerMetrics(metrics, { counts, routes, publisher })
      log.info({ filters: carried.filters, origin, except: config.EXCEPT }, 'producing')
      return [
        storing(publisher, broker),
        scriptQueues(queueStates, carried),
        source(sampler, { site, carried, counts })
      ]
    })
  ]
}

/** The publisher. Ready while the broker stores what it gets; stopped once everything is stored, else it throws PRD_UNFLUSHED. */
function storing(publisher: Publisher, broker: Broker): ServicePart {
  const progress = createStoring(systemClock)
  return {
    name: 'the publisher',
    start: () => undefined,
    async stop(untilMs) {
      const flushed = await publisher.flush(Math.max(0, untilMs - CLOSING_MS - performance.now()))
      const { pending } = publisher.stats()
      publisher.stop()
      if (!flushed) throw new AppError('PRD_UNFLUSHED', { detail: `${pending} pending`, pending })
    },
    readiness() {
      const { acked, pending } = publisher.stats()
      const stuckMs = progress.stuckMs(acked, pending)
      if (broker.state() !== 'connected') return notReady(`broker is away; ${pending} samples wait`)
      return stuckMs < STUCK_MS ? ready : stuckReadiness(stuckMs, pending)
    }
  }
}

function stuckReadiness(stuckMs: number, pending: number): Readiness {
  const seconds = Math.round(stuckMs / 1000)
  return notReady(`broker has stored nothing for ${seconds} s, is its disk full? ${pending} samples wait`)
}

/** The states of script queues, reduced from what queues and Scripts say. */
const scriptQueues = (queueStates: QueueStates, carried: Carried): ServicePart => ({
  name: 'the script queues',
  start() {
    for (const index of KNOWN_QUEUES) if (carried.carriesQueue(index)) queueStates.open(index)
  },
  stop: () => queueStates.stop()
})

interface SourceOptions {
  readonly site: string
  readonly carried: Carried
  readonly counts: Counts
}

/** Reads `raw.` of what this producer carries. */
function source(sampler: Sampler, { site, carried, counts }: SourceOptions): ServicePart {
  const filters = carried.filters.map(filter => `raw.${site}.${filter}`)
  let subscriptions: readonly BrokerSubscription[] = []
  let isConnected = (): boolean => false
  return {
    name: 'the source',
    async start({ broker }) {
      isConnected = () => broker.state() === 'connected'
      subscriptions = filters.map(filter =>
        broker.subscribe(filter, message => sampler.take(message.subject, message.data))
      )
      await broker.flush()
    },
    async stop() {
      if (isConnected()) await Promise.all(subscriptions.map(subscription => subscription.drain()))
      else for (const subscription of subscriptions) subscription.unsubscribe()
    },
    endpoints: () =>
      filters.map((subject, i) => ({
        name: `raw-${i}`,
        subject,
        queueGroup: '',
        stats: () => ({
          requests: totalOf(counts.samples),
          errors: totalOf(counts.rejected),
          processingMs: 0
        })
      }))
  }
}

const totalOf = (counts: Readonly<Record<string, number>>): number =>
  Object.values(counts).reduce((sum, count) => sum + count, 0)
