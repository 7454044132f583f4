import type { BrokerSubscription } from '@meridian/broker'
import { AppError } from '@meridian/errors'
import type { Fields } from '@meridian/msgpack'
import { everythingBelow, OWN_COMPONENTS, parseSubject, patternOf, type Subject } from '@meridian/subjects'
import type { Assignment, Selector } from '../assignment.ts'
import { parseRaw, rawStampsOf } from './raw-payload.ts'
import type { Source, SourceFault, SourceHandlers, SourceOptions } from './source.ts'
import type { SourceTopic } from './source-topic.ts'

type RawSubject = Extract<Subject, { class: 'raw' }>

// Every script makes names of its own, so old topics make room for new ones.
const MAX_TOPICS = 20_000
const MAX_FACT_CHARACTERS = 300
/** Meridian's processes tell of themselves past `raw.`: whoever uses their names there is none of them. */
const OWN: ReadonlySet<string> = new Set(OWN_COMPONENTS)

/** Reads what components say on `raw.<site>.…`: the simulator, and any device that can publish to NATS. */
export function createNatsRawSource({ site, assignment }: SourceOptions): Source {
  const patterns = patternsOf(site, assignment)
  let subscriptions: readonly BrokerSubscription[] = []
  let isConnected = (): boolean => false
  return {
    name: 'nats-raw',
    async start({ broker }, handlers) {
      isConnected = () => broker.state() === 'connected'
      const read = createRawReader(assignment, handlers)
      subscriptions = patterns.map(pattern =>
        broker.subscribe(pattern, ({ subject, data }) => read(subject, data))
      )
      await broker.flush()
    },
    async stop() {
      if (isConnected()) await Promise.all(subscriptions.map(subscription => subscription.drain()))
      else for (const subscription of subscriptions) subscription.unsubscribe()
    },
    endpoints: () => patterns.map((subject, i) => ({ name: `raw-${i}`, subject }))
  }
}

/** Parses one message on `raw.` and passes on what it says. */
export type RawReader = (subject: string, data: Uint8Array) => void

/** A reader that hands over what is assigned and can be read, and tells of what cannot. */
export function createRawReader(
  assignment: Pick<Assignment, 'has'>,
  handlers: Pick<SourceHandlers, 'onMessage' | 'onFault'>
): RawReader {
  const topicOf = createTopicCache(assignment)
  return (subject, data) => {
    try {
      const topic = topicOf(subject)
      if (topic === undefined) return
      const fields = topic.kind === 'hb' ? heartbeatFields(data) : parseRaw(data)
      handlers.onMessage({ topic, stamps: rawStampsOf(fields), fields })
    } catch (caught) {
      const { code, message } = AppError.from(caught)
      if (!isFault(code)) throw caught
      handlers.onFault(code, { subject: subject.slice(0, 120), err: message.slice(0, MAX_FACT_CHARACTERS) })
    }
  }
}

/** Whatever a heartbeat carries, it is one; private fields are read where there are any. */
function heartbeatFields(data: Uint8Array): Fields {
  try {
    return parseRaw(data)
  } catch {
    return NO_FIELDS
  }
}

const NO_FIELDS: Fields = Object.freeze({})

const isFault = (code: string): code is Extract<SourceFault, `PRD_${string}`> =>
  code === 'PRD_BAD_SUBJECT' || code === 'PRD_BAD_PAYLOAD'

/**
 * The topic of a raw subject; undefined where another process is assigned it. Both spellings of a heartbeat
 * share one topic, since they share a counter. Throws PRD_BAD_SUBJECT.
 */
function createTopicCache(assignment: Pick<Assignment, 'has'>): (subject: string) => SourceTopic | undefined {
  const bySubject = new Map<string, SourceTopic | undefined>()
  const heartbeats = new Map<string, SourceTopic>()
  const make = (subject: string): SourceTopic | undefined => {
    const topic = parseRawSubject(subject)
    if (!assignment.has(topic)) return undefined
    return topic.kind === 'hb' ? remembered(heartbeats, `${topic.csc}:${topic.index}`, topic) : topic
  }
  return subject => {
    const known = bySubject.get(subject)
    if (known !== undefined || bySubject.has(subject)) return known
    return remembered(bySubject, subject, make(subject))
  }
}

function remembered<T>(cache: Map<string, T>, key: string, value: T): T {
  const known = cache.get(key)
  if (known !== undefined) return known
  if (cache.size >= MAX_TOPICS) cache.delete(cache.keys().next().value ?? '')
  cache.set(key, value)
  return value
}

/** A heartbeat comes as `hb`, or as SAL's event of that name. */
function parseRawSubject(subject: string): SourceTopic {
  const parsed = parse(subject)
  const { csc, index } = parsed
  if (parsed.kind === 'hb' || (parsed.kind === 'evt' && parsed.topic === 'heartbeat'))
    return { csc, index, kind: 'hb', name: 'heartbeat' }
  return { csc, index, kind: parsed.kind, name: parsed.topic }
}

function parse(subject: string): RawSubject {
  let parsed: Subject
  try {
    parsed = parseSubject(subject)
  } catch (cause) {
    throw new AppError('PRD_BAD_SUBJECT', { cause })
  }
  if (parsed.class !== 'raw') throw new AppError('PRD_BAD_SUBJECT')
  if (OWN.has(parsed.csc))
    throw new AppError('PRD_BAD_SUBJECT', { detail: `${parsed.csc} is Meridian's own` })
  return parsed
}

/** The patterns under which everything that is assigned comes in. */
export function patternsOf(site: string, { selectors }: Pick<Assignment, 'selectors'>): readonly string[] {
  if (selectors === 'rest') return [everythingBelow('rawTelemetry', { site })]
  return [...new Set(selectors.flatMap(selector => selectorPatterns(site, selector)))]
}

function selectorPatterns(site: string, { csc, index, only }: Selector): readonly string[] {
  const instance = index === undefined ? { site, csc } : { site, csc, index }
  if (only === undefined) return [everythingBelow('rawTelemetry', instance)]
  return [...only].flatMap(name => topicPatterns(instance, name))
}

type Instances = { readonly site: string; readonly csc: string; readonly index?: number }

function topicPatterns(instance: Instances, name: string): readonly string[] {
  if (name === 'hb')
    return [patternOf('rawHeartbeat', instance), patternOf('rawEvent', { ...instance, topic: 'heartbeat' })]
  const [first = '', topic] = name.split('.')
  if (topic === undefined)
    return [
      patternOf('rawTelemetry', { ...instance, topic: first }),
      patternOf('rawEvent', { ...instance, topic: first })
    ]
  return [patternOf(first === 'tel' ? 'rawTelemetry' : 'rawEvent', { ...instance, topic })]
}
