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
import { loadCatalogue, loadSite, readSite } from '@meridian/catalogue'
import { AppError } from '@meridian/errors'
import { createHealthServer, createMetrics, type Readiness, type Service } from '@meridian/runtime'
import { systemClock } from '@meridian/time'
import type { Logger } from 'pino'
import { parseCarried } from './carried.ts'
import type { ProducerConfig } from './config.ts'
import { createCounts } from './counts.ts'
import { addProducerMetrics } from './metrics.ts'
import { createQueueStates, type QueueStates } from './queue-states.ts'
import { createRoutes } from './routes.ts'
import { createSampler } from './sampler.ts'

/** Queues of the observatory: main telescope, auxiliary telescope, both [specs/sal.md 1.6, 7]. Others are found when they speak. */
const KNOWN_QUEUES = [1, 2, 3]
/** Of the time to stop, what is left for everything but storing samples. */
const CLOSING_MS = 1_000
const VERSION = '0.1.0'

interface Running {
  readonly broker: Broker
  readonly publisher: Publisher
  readonly subscriptions: readonly BrokerSubscription[]
  readonly queueStates: QueueStates
  readonly micro: Micro
}

/** Makes a producer: a source on `raw.`, a sampler, a publisher. Opens nothing; throws CFG_INVALID. */
export function createProducer(config: ProducerConfig, log: Logger): Service {
  const name = config.NAME === '' ? `producer-${process.pid}` : config.NAME
  const carried = parseCarried(config.PRODUCE, config.EXCEPT, () => siteOf(config).split)
  const catalogue = loadCatalogue(config.CATALOGUE_FILE === '' ? {} : { file: config.CATALOGUE_FILE })
  const counts = createCounts(log, systemClock)
  const routes = createRoutes({
    site: config.SITE,
    catalogue,
    carried,
    counts,
    maxUnknownTopics: config.UNKNOWN_TOPICS
  })
  const metrics = createMetrics(name)
  const health = createHealthServer({
    readiness: () => readinessOf(running),
    metrics,
    host: config.HOST,
    port: config.PORT,
    log
  })
  let running: Running | undefined
  let stopping: Promise<void> | undefined
  addProducerMetrics(metrics, {
    counts,
    routes,
    publisher: () => running?.publisher,
    broker: () => running?.broker
  })

  const open = async (): Promise<void> => {
    const broker = await connectBroker({ servers: config.NATS_URL, name, log })
    const publisher = createPublisher(broker, { log, spoolBytes: config.SPOOL_MB * 1024 * 1024 })
    const publish = publisher.publish.bind(publisher)
    const origin = randomInt(1, 0x7fffffff)
    const queueStates = createQueueStates({
      broker,
      site: config.SITE,
      clock: systemClock,
      log,
      origin,
      publish
    })
    const sampler = createSampler({
      routes,
      counts,
      clock: systemClock,
      origin,
      publish,
      onQueueEvent: queueStates.take
    })
    const filters = carried.filters.map(filter => `raw.${config.SITE}.${filter}`)
    const subscriptions = filters.map(filter =>
      broker.subscribe(filter, m => sampler.take(m.subject, m.data))
    )
    const micro = serveMicro(broker, {
      name: 'producer',
      version: VERSION,
      description: `carries ${config.PRODUCE} of ${config.SITE}`,
      metadata: { process: name },
      endpoints: filters.map((subject, i) => ({ name: `raw${i}`, subject, queueGroup: '' })),
      stats: () => ({ requests: totalOf(counts.samples), errors: totalOf(counts.rejected), processingMs: 0 })
    })
    running = { broker, publisher, subscriptions, queueStates, micro }
    await broker.flush()
    for (const index of KNOWN_QUEUES) if (carried.carriesQueue(index)) queueStates.open(index)
    log.info({ filters, origin, except: config.EXCEPT }, 'producing')
  }

  return {
    async start() {
      await open()
      await health.start()
    },
    stop() {
      stopping ??= close(running, config.DRAIN_MS - CLOSING_MS).finally(() => health.stop())
      return stopping
    }
  }
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
  if (running.broker.state() === 'connected') return { ready: true }
  return { ready: false, why: `broker is away; ${running.publisher.stats().pending} samples wait` }
}

const siteOf = (config: ProducerConfig) =>
  config.SITE_FILE === '' ? loadSite(config.SITE) : readSite(config.SITE_FILE, { name: config.SITE })

const totalOf = (counts: Readonly<Record<string, number>>): number =>
  Object.values(counts).reduce((sum, count) => sum + count, 0)
