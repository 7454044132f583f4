import type { Catalogue, Topic as CatalogueTopic } from '@meridian/catalogue'
import { queueOf } from '@meridian/catalogue'
import { AppError } from '@meridian/errors'
import { createFieldsWriter, type Fields, type FieldsWriter } from '@meridian/msgpack'
import { PRIVATE_FIELDS } from '@meridian/sal'
import { eventOf, heartbeatOf, keyedSubject, keyToken, scriptOf, telemetryOf } from '@meridian/subjects'
import type { SourceTopic } from '../sources/source-topic.ts'
import type { ClockOffsets, StampWatch } from './clock-offsets.ts'
import type { Counts, SampleClass } from './counts.ts'
import { everyName, type NameSet, type Names } from './names.ts'
import type { RefusedDataCounts } from './refused-data.ts'
import { rejectField } from './reject-field.ts'

/** All that is known of a topic before its messages are read; made once per topic. */
export interface Route {
  readonly topic: SourceTopic
  readonly class: SampleClass
  readonly kind: 'telemetry' | 'event'
  /** Where a sample with these fields goes. Throws PRD_BAD_KEY. */
  readonly subjectOf: (fields: Readonly<Fields>) => string
  /** Undefined for heartbeats: they say nothing but that they are there. */
  readonly write: FieldsWriter | undefined
  /** `CSC` or `CSC:index`, where the component gives no identity. */
  readonly identity: string
  readonly uncatalogued: boolean
  /** The names that its samples may have. */
  readonly names: NameSet
  /** The subject that was let through last, so that it is not looked up again. */
  lastSubject: string
  /** Watches the clock of the instance. */
  readonly stamps: StampWatch
  /** Counts the messages of components that do not count by themselves. */
  ownSeqNum: number
}

/** The routes of a process by topic. */
export interface RouteTable {
  of(topic: SourceTopic): Route
  /** Notes that a sample of this route was let through. */
  note(route: Route): void
  /** Topics outside the catalogue that were let through. */
  unknownTopics(): number
  /** Makes every route anew, with its next message: names were forgotten. */
  clear(): void
}

/** What a route table works with. */
export interface RouteOptions {
  readonly site: string
  readonly catalogue: Catalogue
  readonly counts: Counts
  readonly names: Names
  readonly clocks: ClockOffsets
  readonly refused: RefusedDataCounts
  /** Whether the site lists this instance. */
  readonly isInstance: (topic: Pick<SourceTopic, 'csc' | 'index'>) => boolean
}

const MAX_SCRIPT_INDEX = 0x7fffffff

/** Makes an empty table. A route is kept for as long as its source keeps the topic. */
export function createRoutes(options: RouteOptions): RouteTable {
  const { catalogue, counts } = options
  let routes = new WeakMap<SourceTopic, Route>()
  const unknown = new Set<string>()
  const writerOf = createWriters(counts, options.refused)

  const make = (topic: SourceTopic): Route => {
    const known = catalogueTopicOf(catalogue, topic)
    const write = topic.kind === 'hb' ? undefined : writerOf(topic, known)
    const route = routeOf(options, { topic, known, write })
    routes.set(topic, route)
    return route
  }

  return {
    of: topic => routes.get(topic) ?? make(topic),
    note({ uncatalogued, class: sampleClass, topic: { csc, index, kind, name } }) {
      if (uncatalogued && sampleClass !== 'script') unknown.add(`${csc}.${index}.${kind}.${name}`)
    },
    unknownTopics: () => unknown.size,
    clear() {
      routes = new WeakMap()
      unknown.clear()
    }
  }
}

function catalogueTopicOf(
  catalogue: Catalogue,
  { csc, kind, name }: SourceTopic
): CatalogueTopic | undefined {
  const component = catalogue.component(csc)
  return kind === 'tel' ? component?.telemetry.get(name) : component?.events.get(name)
}

type Writers = (topic: SourceTopic, known: CatalogueTopic | undefined) => FieldsWriter

/** Why a field is left out that the catalogue says nothing of: most often a number beyond the range of a double. */
const NO_VALUE = 'no field can hold its value'

/**
 * The instances of a component share their writers; a topic that the catalogue does not know has one of its
 * own. A writer does not wait, so that what it leaves out is of the topic that is being written.
 */
function createWriters(counts: Counts, refused: RefusedDataCounts): Writers {
  const made = new Map<CatalogueTopic, FieldsWriter>()
  let writing: SourceTopic

  const make = (known: CatalogueTopic | undefined): FieldsWriter => {
    const inCatalogue = new Set(known?.fields.map(field => field.name))
    const dropped = (field: string): void =>
      rejectField({ counts, refused }, writing, field, inCatalogue.has(field) ? undefined : NO_VALUE)
    return createFieldsWriter(known?.fields ?? [], { ignored: PRIVATE_FIELDS, dropped })
  }

  return (topic, known) => {
    const writer = (known && made.get(known)) ?? make(known)
    if (known !== undefined) made.set(known, writer)
    return fields => {
      writing = topic
      return writer(fields)
    }
  }
}

interface RouteFacts {
  readonly topic: SourceTopic
  readonly known: CatalogueTopic | undefined
  readonly write: FieldsWriter | undefined
}

function routeOf(
  { site, names, clocks, isInstance }: RouteOptions,
  { topic, known, write }: RouteFacts
): Route {
  const { csc, index, kind } = topic
  const sampleClass = classOf(topic, known)
  const isExpected =
    isInstance(topic) && (kind === 'hb' || (known !== undefined && known.keyFields.length === 0))
  return {
    topic,
    class: sampleClass,
    kind: sampleClass === 'evt' || sampleClass === 'script' ? 'event' : 'telemetry',
    subjectOf: subjectBuilder({ site, topic, known, sampleClass }),
    write,
    identity: index === 0 ? csc : `${csc}:${index}`,
    uncatalogued: known === undefined,
    names: isExpected ? everyName : names.of(topic, sampleClass),
    lastSubject: '',
    stamps: clocks.of(topic),
    ownSeqNum: 0
  }
}

/**
 * What a Script says and what its queue says of it is kept in SCRIPT, which forgets: the names are new with
 * every script.
 */
function classOf({ csc, kind }: SourceTopic, known: CatalogueTopic | undefined): SampleClass {
  const isOfScript = (csc === 'Script' && kind !== 'tel') || known?.scriptIndexField !== undefined
  return isOfScript ? 'script' : kind
}

interface SubjectParts {
  readonly site: string
  readonly topic: SourceTopic
  readonly known: CatalogueTopic | undefined
  readonly sampleClass: SampleClass
}

/** Works out once what is the same for all messages of a topic. */
function subjectBuilder({ site, topic, known, sampleClass }: SubjectParts): Route['subjectOf'] {
  const { csc, index, name } = topic
  if (sampleClass === 'script') return scriptSubjects(site, topic, known?.scriptIndexField)
  if (sampleClass === 'hb') return always(heartbeatOf({ site, csc, index }))
  const ref = { site, csc, index, topic: name }
  const subject = sampleClass === 'tel' ? telemetryOf(ref) : eventOf(ref)
  const keys = known?.keyFields ?? []
  if (keys.length === 0) return always(subject)
  return fields => keyedSubject(subject, keyToken(keys.map(key => keyOf(fields[key]))))
}

/** A value that can be a key. What is absent is an empty one. Throws PRD_BAD_KEY. */
function keyOf(value: unknown): unknown {
  if (value === undefined || value === null) return ''
  if (KEY_TYPES.has(typeof value)) return value
  throw new AppError('PRD_BAD_KEY')
}

const KEY_TYPES: ReadonlySet<string> = new Set(['string', 'number', 'boolean', 'bigint'])

function scriptSubjects(
  site: string,
  { csc, index, name }: SourceTopic,
  scriptIndexField: string | undefined
): Route['subjectOf'] {
  if (csc === 'Script' || scriptIndexField === undefined)
    return always(scriptOf({ site, queue: queueOf(index), scriptIndex: index, topic: name }))
  return fields =>
    scriptOf({ site, queue: index, scriptIndex: scriptIndexOf(fields[scriptIndexField]), topic: name })
}

/** A script's index as a message gives it; one that cannot be is 0, as SAL's default. */
const scriptIndexOf = (value: unknown): number =>
  typeof value === 'number' && Number.isInteger(value) && value >= 0 && value <= MAX_SCRIPT_INDEX ? value : 0

const always =
  (subject: string): Route['subjectOf'] =>
  () =>
    subject
