import { randomInt } from 'node:crypto'
import { createPublisher } from '@meridian/broker'
import { type Catalogue, loadObservatory, type Site } from '@meridian/catalogue'
import { codes } from '@meridian/errors'
import { partGroup, processBeat, type ServiceContext, type ServiceParts } from '@meridian/service'
import { systemClock as clock } from '@meridian/time'
import type { Logger } from 'pino'
import { type Assignment, parseAssignment } from './assignment.ts'
import type { ProducerConfig } from './config.ts'
import { addProducerMetrics } from './metrics.ts'
import { createOwnEvents, type OwnEvents } from './own-events.ts'
import { carriesPart } from './parts/carries-part.ts'
import { forgetPart } from './parts/forget-part.ts'
import { namesPart } from './parts/names-part.ts'
import { publisherPart } from './parts/publisher-part.ts'
import { queuesPart } from './parts/queues-part.ts'
import { sourcePart } from './parts/source-part.ts'
import { createClockOffsets } from './pipeline/clock-offsets.ts'
import { type Counts, createCounts } from './pipeline/counts.ts'
import { createListed, type Listed } from './pipeline/listed.ts'
import { createNames, type Names } from './pipeline/names.ts'
import { createPipeline } from './pipeline/pipeline.ts'
import { createRefusedData } from './pipeline/refused-data.ts'
import { rejectField } from './pipeline/reject-field.ts'
import { createRoom } from './pipeline/room.ts'
import { createRoutes } from './pipeline/routes.ts'
import { queueEventOf } from './script-queue/queue-event.ts'
import { createQueueStates } from './script-queue/queue-states.ts'
import type { Source, SourceHandlers, SourceMessage } from './sources/source.ts'
import { sources } from './sources/sources.ts'
import { createStoredSamples } from './stored/stored-samples.ts'

/**
 * The parts of a producer, in the order in which samples leave it: publisher, script queues, source. It stops
 * in the reverse order: first it stops reading, then it stores what it has read. Throws CFG_INVALID, or what
 * is wrong with the site file or the catalogue.
 */
export function producerParts(config: ProducerConfig, log: Logger): ServiceParts {
  const { SITE: site } = config
  const { catalogue, site: observed } = loadObservatory(config)
  const assignment = parseAssignment(config.PRODUCE, config.EXCEPT, () => observed.parts)
  const counts = createCounts(log, clock)
  const listed = createListed(catalogue, observed)
  const source = sources[config.SOURCE]({
    site,
    assignment,
    catalogue,
    instances: observed.instances,
    config
  })
  const facts: ProducerFacts = { config, log, assignment, counts, source, catalogue, site: observed, listed }
  return [partGroup('the source', context => workParts(facts, context))]
}

interface ProducerFacts {
  readonly config: ProducerConfig
  readonly log: Logger
  readonly assignment: Assignment
  readonly counts: Counts
  readonly source: Source
  readonly catalogue: Catalogue
  readonly site: Site
  readonly listed: Listed
}

/** The parts that need the broker to be made. */
function workParts(facts: ProducerFacts, { broker, metrics, stopping }: ServiceContext): ServiceParts {
  const { config, log, assignment, counts, source, catalogue, listed } = facts
  const { SITE: site, PROCESS_INDEX: index } = config
  const origin = randomInt(1, 0x7fffffff)
  const publisher = createPublisher(broker, {
    log,
    spoolBytes: config.SPOOL_MB * 1024 * 1024,
    onRefused: ({ subject, reason }) => refused.noteSubject(subject, reason)
  })
  const publish = publisher.publish.bind(publisher)
  const queueStates = createQueueStates({ broker, site, clock, log, origin, publish })
  const events = createOwnEvents({ site, index, origin, clock, publish })
  const names = boundedNames(facts, events)
  const refused = createRefusedData({
    steadyMs: clock.steadyMs,
    onRefused: told => events.tell('refusedData', { ...told }, [told.component, told.index])
  })
  const clocks = createClockOffsets({
    log,
    nowMs: clock.nowMs,
    onChange: change => events.tell('clockOffset', { ...change }, [change.component, change.index])
  })
  const routes = createRoutes({
    site,
    catalogue,
    counts,
    names,
    clocks,
    refused,
    isInstance: listed.instance
  })
  const reduce = (message: SourceMessage, sndStamp: number): void => {
    const event = queueEventOf(message, sndStamp)
    if (event !== undefined) queueStates.take(event)
  }
  const stored = createStoredSamples({ site, assignment, catalogue })
  const pipeline = createPipeline({
    ...{ routes, counts, refused, clock, origin, publish, reduce },
    isStored: question => stored.has(question)
  })
  const onFault: SourceHandlers['onFault'] = (code, told) => {
    const { of, ...facts } = told
    counts.reject(code, facts)
    if (of === undefined) refused.noteSubject(String(told['subject']), codes[code].message)
    else refused.note({ topic: of, reason: codes[code].message })
  }
  const onField: SourceHandlers['onField'] = (topic, field) => rejectField({ counts, refused }, topic, field)
  const room = createRoom(publisher, (config.SPOOL_MB * 1024 * 1024) / 2, stopping)
  addProducerMetrics(metrics, { counts, routes, publisher, clocks })
  log.info({ source: source.name, assigned: config.PRODUCE, except: config.EXCEPT, origin }, 'producing')
  return [
    publisherPart(publisher, broker),
    queuesPart(queueStates, assignment),
    namesPart({ names, routes, assignment, publisher, site }),
    forgetPart(names, routes, site),
    sourcePart(source, counts, { onMessage: pipeline.take, onFault, onField, stored, room }),
    carriesPart(events, assignment, facts.site.instances),
    processBeat('Producer', config)
  ]
}

/** Refused names are logged once for each reason, and told as their number doubles. */
function boundedNames({ config, listed, log }: ProducerFacts, events: OwnEvents): Names {
  return createNames({
    bounds: {
      perComponent: config.NAMES_PER_COMPONENT,
      perUnknown: config.NAMES_PER_UNKNOWN,
      unknownComponents: config.UNKNOWN_COMPONENTS
    },
    isListed: listed.component,
    onRefused(refusal) {
      if (refusal.refused === 1) log.warn({ ...refusal }, 'new names are refused')
      events.tell('refusedNames', { ...refusal })
    }
  })
}
