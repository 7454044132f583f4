import type { Catalogue, Topic } from '@meridian/catalogue'
import { AppError } from '@meridian/errors'
import { createFieldsWriter, type FieldsWriter } from '@meridian/msgpack'
import {
  eventOf,
  heartbeatOf,
  parseSubject,
  rawHeartbeatOf,
  type Subject,
  scriptOf,
  telemetryOf
} from '@meridian/subjects'
import { type Carried, queueOf, type RawTopic } from './carried.ts'
import type { Counts, SampleClass } from './counts.ts'
import { PRIVATE_NAMES } from './raw-payload.ts'

/** All that is known of a raw subject before its message is read; made once per subject. */
export interface Route {
  readonly class: SampleClass
  readonly kind: 'telemetry' | 'event'
  readonly csc: string
  readonly index: number
  readonly topic: string
  /** Where samples go; one key token more where the topic has key fields. */
  readonly subject: string
  readonly keyFields: readonly string[]
  /** Undefined for heartbeats: they say nothing but that they are there. */
  readonly write: FieldsWriter | undefined
  /** `CSC` or `CSC:index`, where the component gives no identity. */
  readonly identity: string
  readonly uncatalogued: boolean
  /** The queue whose state this topic is part of. */
  readonly queue: number | undefined
  readonly scriptIndex: number | undefined
  /** A topic outside the catalogue is let through with its first message that can be read. */
  isAdmitted: boolean
  /** Counts the messages of components that do not count by themselves. */
  ownSeqNum: number
}

/** The routes of a process by raw subject. */
export interface RouteTable {
  /** Undefined where another process carries the topic. Throws PRD_BAD_SUBJECT. */
  of(subject: string): Route | undefined
  /** Lets a topic outside the catalogue through. Throws PRD_TOO_MANY_TOPICS. */
  admit(route: Route): void
  unknownTopics(): number
}

/** What a route table works with. */
export interface RouteOptions {
  readonly site: string
  readonly catalogue: Catalogue
  readonly carried: Carried
  readonly counts: Counts
  /** Topics outside the catalogue that are let through: a name costs a subject that EVT keeps for ever. */
  readonly maxUnknownTopics: number
}

// Every script makes names of its own, so old routes make room for new ones.
const MAX_ROUTES = 20_000
const QUEUE_TOPICS = new Set(['queue', 'script', 'availableScripts'])
const SCRIPT_TOPICS = new Set(['state', 'description', 'checkpoints', 'metadata', 'logLevel'])

/** Makes an empty table. */
export function createRoutes(options: RouteOptions): RouteTable {
  const { site, carried, maxUnknownTopics } = options
  const routes = new Map<string, Route | undefined>()
  const unknown = new Set<string>()
  const writers = createWriters(options.counts)

  const make = (subject: string): Route | undefined => {
    const raw = parseRawSubject(subject)
    if (!carried.has(raw)) return undefined
    // Both spellings of a heartbeat share one route, since they share a counter.
    const canonical = raw.kind === 'hb' ? rawHeartbeatOf({ site, ...raw }) : subject
    if (canonical !== subject) return of(canonical)
    const topic = topicOf(options.catalogue, raw)
    return routeOf(site, raw, topic, writers(raw, topic))
  }
  const of = (subject: string): Route | undefined => {
    const known = routes.get(subject)
    if (known !== undefined || routes.has(subject)) return known
    const route = make(subject)
    if (routes.size >= MAX_ROUTES) routes.delete(routes.keys().next().value ?? '')
    routes.set(subject, route)
    return route
  }

  return {
    of,
    admit(route) {
      if (!unknown.has(route.subject) && unknown.size >= maxUnknownTopics)
        throw new AppError('PRD_TOO_MANY_TOPICS')
      unknown.add(route.subject)
      route.isAdmitted = true
    },
    unknownTopics: () => unknown.size
  }
}

type RawSubject = Extract<Subject, { class: 'raw' }>

/** A heartbeat comes as `hb`, or as SAL's event of that name. */
function parseRawSubject(subject: string): RawTopic {
  const parsed = parseSubjectOf(subject)
  const { csc, index } = parsed
  if (parsed.kind === 'hb' || (parsed.kind === 'evt' && parsed.topic === 'heartbeat'))
    return { csc, index, kind: 'hb', topic: 'hb' }
  return { csc, index, kind: parsed.kind, topic: parsed.topic }
}

function parseSubjectOf(subject: string): RawSubject {
  let parsed: Subject
  try {
    parsed = parseSubject(subject)
  } catch (cause) {
    throw new AppError('PRD_BAD_SUBJECT', { cause })
  }
  if (parsed.class !== 'raw') throw new AppError('PRD_BAD_SUBJECT')
  return parsed
}

function topicOf(catalogue: Catalogue, { csc, kind, topic }: RawTopic): Topic | undefined {
  const component = catalogue.component(csc)
  if (kind === 'hb') return component?.events.get('heartbeat')
  return kind === 'tel' ? component?.telemetry.get(topic) : component?.events.get(topic)
}

type Writers = (raw: RawTopic, topic: Topic | undefined) => FieldsWriter

/** The instances of a component share their writers; what the catalogue does not know has one for each. */
function createWriters(counts: Counts): Writers {
  const made = new Map<Topic, FieldsWriter>()
  return (raw, topic) => {
    const known = topic === undefined ? undefined : made.get(topic)
    if (known !== undefined) return known
    const name = `${raw.csc}.${raw.kind}.${raw.topic}`
    const writer = createFieldsWriter(topic?.fields ?? [], {
      ignored: PRIVATE_NAMES,
      dropped: field => counts.reject('PRD_BAD_FIELD', { topic: name, field: field.slice(0, 120) })
    })
    if (topic !== undefined) made.set(topic, writer)
    return writer
  }
}

function routeOf(site: string, raw: RawTopic, topic: Topic | undefined, write: FieldsWriter): Route {
  const { csc, index, kind } = raw
  const name = kind === 'hb' ? 'heartbeat' : raw.topic
  const isScript = csc === 'Script' && kind !== 'tel'
  const sampleClass: SampleClass = isScript ? 'script' : kind
  return {
    class: sampleClass,
    kind: sampleClass === 'evt' || sampleClass === 'script' ? 'event' : 'telemetry',
    csc,
    index,
    topic: name,
    subject: subjectOf(site, sampleClass, { csc, index, topic: name }),
    keyFields: isScript || kind === 'hb' ? [] : (topic?.keyFields ?? []),
    write: kind === 'hb' ? undefined : write,
    identity: index === 0 ? csc : `${csc}:${index}`,
    uncatalogued: topic === undefined,
    ...queuePartOf(csc, index, kind, name),
    isAdmitted: topic !== undefined,
    ownSeqNum: 0
  }
}

function subjectOf(
  site: string,
  sampleClass: SampleClass,
  { csc, index, topic }: { csc: string; index: number; topic: string }
): string {
  switch (sampleClass) {
    case 'hb':
      return heartbeatOf({ site, csc, index })
    case 'script':
      return scriptOf({ site, queue: queueOf(index), scriptIndex: index, topic })
    case 'tel':
      return telemetryOf({ site, csc, index, topic })
    case 'evt':
      return eventOf({ site, csc, index, topic })
  }
}

function queuePartOf(
  csc: string,
  index: number,
  kind: string,
  topic: string
): Pick<Route, 'queue' | 'scriptIndex'> {
  if (kind === 'evt' && csc === 'ScriptQueue' && QUEUE_TOPICS.has(topic))
    return { queue: index, scriptIndex: undefined }
  if (kind === 'evt' && csc === 'Script' && SCRIPT_TOPICS.has(topic))
    return { queue: queueOf(index), scriptIndex: index }
  return { queue: undefined, scriptIndex: undefined }
}
