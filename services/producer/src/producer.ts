import { randomInt } from 'node:crypto'
import {
  type Broker,
  type BrokerSubscription,
  connectBroker,
  createPublisher,
  type Micro,
  type Publisher,
  serveMicro
} from '@meridian/broker'
import { loadObservatory } from '@meridian/catalogue'
import { AppError } from '@meridian/errors'
import { createHealthServer, createMetrics, type Readiness, type Service, VERSION } from '@meridian/service'
import { systemClock } from '@meridian/time'
import type { Logger } from 'pino'
import { type Carried, parseCarried } from './carried.ts'
import type { ProducerConfig } from './config.ts'
import { type Counts, createCounts } from './counts.ts'
import { addProducerMetrics } from './metrics.ts'
import { createQueueStates, type QueueStates } from './queue-states.ts'
import { createRoutes, type RouteTable } from './routes.ts'
import { createSampler } from './sampler.ts'
import { createStoring, type Storing } from './storing.ts'

/** Queues of the observatory: main telescope, auxiliary telescope, both [docs/sal.md#script-queues]. Others are found when they speak. */
const KNOWN_QUEUES = [1, 2, 3]
/** Of the time to stop, what is left for everything but storing samples. */
const CLOSING_MS = 1_000
/** A connected broker that stores nothing for so long is no broker: a disk that is full, a stream that is gone. */
const STUCK_MS = 10_000

interface Running {
  readonly broker: Broker
  readonly publisher: Publisher
  readonly subscriptions: readonly BrokerSubscription[]
  readonly queueStates: QueueStates
  readonly micro: Micro
  readonly storing: Storing
}

/** Makes a producer: a source on `raw.`, a sampler, a publisher. Opens nothing; `start` throws CFG_INVALID, or what is wrong with the site file. */
export function createProducer(config: ProducerConfig, log: Logger): Service {
  const name = config.NAME === '' ? `producer-${process.pid}` : config.NAME
  const metrics = createMetrics(name)
  const readiness = (): Readiness => readinessOf(running)
  const health = createHealthServer({ readiness, metrics, host: config.HOST, port: config.PORT, log })
  let running: Running | undefined
  let stopping: Promise<void> | undefined

  return {
    async start() {
      const parts = partsOf(config, log)
      addProducerMetrics(metrics, {
        ...parts,
        publisher: () => running?.publisher,
        broker: () => running?.broker
      })
      const broker = await connectBroker({ servers: config.NATS_URL, name, log })
      running = open(broker, parts, { config, name, log })
      await broker.flush()
      await health.start()
    },
    stop() {
      stopping ??= close(running, config.DRAIN_MS - CLOSING_MS).finally(() => health.stop())
      return stopping
    }
  }
}

interface Parts {
  readonly carried: Carried
  readonly counts: Counts
  readonly routes: RouteTable
}

function partsOf(config: ProducerConfig, log: Logger): Parts {
  const { catalogue, site: facts } = loadObservatory(config)
  const carried = parseCarried(config.PRODUCE, config.EXCEPT, () => facts.parts)
  const counts = createCounts(log, systemClock)
  const { SITE: site, UNKNOWN_TOPICS: maxUnknownTopics } = config
  return { carried, counts, routes: createRoutes({ site, catalogue, carried, counts, maxUnknownTopics }) }
}

interface Process {
  readonly config: ProducerConfig
  readonly name: string
  readonly log: Logger
}

function open(broker: Broker, { carried, counts, routes }: Parts, { config, name, log }: Process): Running {
  const clock = systemClock
  const origin = randomInt(1, 0x7fffffff)
  const publisher = createPublisher(broker, { log, spoolBytes: config.SPOOL_MB * 1024 * 1024 })
  const publish = publisher.publish.bind(publisher)
  const queueStates = createQueueStates({ broker, site: config.SITE, clock, log, origin, publish })
  const onQueueEvent = queueStates.take.bind(queueStates)
  const sampler = createSampler({ routes, counts, clock, origin, publish, onQueueEvent })
  const filters = carried.filters.map(filter => `raw.${config.SITE}.${filter}`)
  const subscriptions = filters.map(filter =>
    broker.subscribe(filter, message => sampler.take(message.subject, message.data))
  )
  const micro = serveMicro(broker, {
    name: 'producer',
    version: VERSION,
    description: `carries ${config.PRODUCE} of ${config.SITE}`,
    metadata: { process: name },
    endpoints: filters.map((subject, i) => ({ name: `raw-${i}`, subject, queueGroup: '' })),
    stats: () => ({ requests: totalOf(counts.samples), errors: totalOf(counts.rejected), processingMs: 0 })
  })
  for (const index of KNOWN_QUEUES) if (carried.carriesQueue(index)) queueStates.open(index)
  log.info({ filters, origin, except: config.EXCEPT }, 'producing')
  return { broker, publisher, subscriptions, queueStates, micro, storing: createStoring(clock) }
}

/** Stops sampling, then waits until all is stored. Throws PRD_UNFLUSHED when it is not in time. */
async function close(running: Running | undefined, flushMs: number): Promise<void> {
  if (running === undefined) return
  const { broker, publisher, subscriptions, queueStates, micro } = running
  const until = performance.now() + flushMs
  if (broker.state() === 'connected')
    await Promise.all(subscriptions.map(subscription => subscription.drain()))
  else for (const subscription of subscriptions) subscription.unsubscribe()
  queueStates.stop()
  const flushed = await publisher.flush(Math.max(0, until - performance.now()))
  const { pending } = publisher.stats()
  publisher.stop()
  await micro.stop()
  await broker.drain()
  if (!flushed) throw new AppError('PRD_UNFLUSHED', { detail: `${pending} pending`, pending })
}

function readinessOf(running: Running | undefined): Readiness {
  if (running === undefined) return { ready: false, why: 'not connected to the broker yet' }
  const { broker, publisher, storing } = running
  const { acked, pending } = publisher.stats()
  const stuckMs = storing.stuckMs(acked, pending)
  if (broker.state() !== 'connected') return { ready: false, why: `broker is away; ${pending} samples wait` }
  if (stuckMs < STUCK_MS) return { ready: true }
  const seconds = Math.round(stuckMs / 1000)
  return {
    ready: false,
    why: `broker has stored nothing for ${seconds} s, is its disk full? ${pending} samples wait`
  }
}

const totalOf = (counts: Readonly<Record<string, number>>): number =>
  Object.values(counts).reduce((sum, count) => sum + count, 0)
