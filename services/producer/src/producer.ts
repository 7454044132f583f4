import { randomInt } from 'node:crypto'
import { createPublisher } from '@meridian/broker'
import { loadObservatory } from '@meridian/catalogue'
import { partGroup, processBeat, type ServiceContext, type ServiceParts } from '@meridian/service'
import { systemClock as clock } from '@meridian/time'
import type { Logger } from 'pino'
import { parseAssignment } from './assignment.ts'
import type { ProducerConfig } from './config.ts'
import { addProducerMetrics } from './metrics.ts'
import { createOwnEvents } from './own-events.ts'
import { carriesPart } from './parts/carries-part.ts'
import { publisherPart } from './parts/publisher-part.ts'
import { queuesPart } from './parts/queues-part.ts'
import { sourcePart } from './parts/source-part.ts'
import { createCounts } from './pipeline/counts.ts'
import { createPipeline } from './pipeline/pipeline.ts'
import { createRoutes } from './pipeline/routes.ts'
import { queueEventOf } from './script-queue/queue-event.ts'
import { createQueueStates } from './script-queue/queue-states.ts'
import { sources } from './sources/sources.ts'

/**
 * The parts of a producer, in the order in which samples leave it: publisher, script queues, source. It stops
 * in the reverse order: first it stops reading, then it stores what it has read. Throws CFG_INVALID, or what
 * is wrong with the site file or the catalogue.
 */
export function producerParts(config: ProducerConfig, log: Logger): ServiceParts {
  const { SITE: site, UNKNOWN_TOPICS: maxUnknownTopics } = config
  const { catalogue, site: facts } = loadObservatory(config)
  const assignment = parseAssignment(config.PRODUCE, config.EXCEPT, () => facts.parts)
  const counts = createCounts(log, clock)
  const routes = createRoutes({ site, catalogue, counts, maxUnknownTopics })
  const source = sources[config.SOURCE]({ site, assignment })
  return [
    partGroup('the source', ({ broker, metrics }: ServiceContext) => {
      const origin = randomInt(1, 0x7fffffff)
      const publisher = createPublisher(broker, { log, spoolBytes: config.SPOOL_MB * 1024 * 1024 })
      const publish = publisher.publish.bind(publisher)
      const queueStates = createQueueStates({ broker, site, clock, log, origin, publish })
      const events = createOwnEvents({ site, index: config.PROCESS_INDEX, origin, clock, publish })
      const pipeline = createPipeline({
        routes,
        counts,
        clock,
        origin,
        publish,
        reduce(message, sndStamp) {
          const event = queueEventOf(message, sndStamp)
          if (event !== undefined) queueStates.take(event)
        }
      })
      addProducerMetrics(metrics, { counts, routes, publisher })
      log.info({ source: source.name, assigned: config.PRODUCE, except: config.EXCEPT, origin }, 'producing')
      return [
        publisherPart(publisher, broker),
        queuesPart(queueStates, assignment),
        sourcePart(source, pipeline, counts),
        carriesPart(events, assignment, facts.instances),
        processBeat('Producer', config)
      ]
    })
  ]
}
