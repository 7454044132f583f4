import {
  type ComponentRow,
  type DisplayRow,
  type EnumerationRow,
  FACTS_FORMAT,
  type Facts,
  type FieldRow,
  type TopicRow
} from '../facts.ts'
import type { Enumeration } from '../model.ts'
import { ackcmd } from './ackcmd.ts'
import { createEnumerationTable, type EnumerationTable } from './enumerations.ts'
import type { Problems } from './problems.ts'
import type { Interfaces } from './read-interfaces.ts'
import { revCodeOf } from './rev-code.ts'
import { fits, type Rules } from './rules.ts'
import type { ComponentSource, FieldSource, TopicSource } from './sources.ts'
import { unitOf } from './units.ts'

/** Version, rules and where problems go, for `compactFacts`. */
export interface CompactOptions {
  readonly version: string
  readonly rules: Rules
  /** Keeps descriptions, for a site's own import; default: false. */
  readonly descriptions: boolean
}

/** A table of distinct entries; equal entries get the same number. */
interface Table<T> {
  readonly entries: T[]
  numberOf(entry: T): number
}

function createTable<T>(first: readonly T[] = []): Table<T> {
  const entries: T[] = []
  const numbers = new Map<string, number>()
  const numberOf = (entry: T): number => {
    const key = JSON.stringify(entry)
    const known = numbers.get(key)
    if (known !== undefined) return known
    numbers.set(key, entries.length)
    return entries.push(entry) - 1
  }
  for (const entry of first) numberOf(entry)
  return { entries, numberOf }
}

interface Writer extends CompactOptions {
  readonly interfaces: Interfaces
  readonly problems: Problems
  readonly types: Table<string>
  readonly units: Table<string>
  readonly fields: Table<FieldRow>
  readonly bodies: Table<readonly number[]>
  readonly enumerations: Table<EnumerationRow>
}

/**
 * Converts interfaces to facts in the compact format. Rules that match nothing are reported in `problems`.
 */
export function compactFacts(interfaces: Interfaces, options: CompactOptions, problems: Problems): Facts {
  const writer: Writer = {
    ...options,
    interfaces,
    problems,
    types: createTable(),
    units: createTable(['']),
    fields: createTable(),
    bodies: createTable(),
    enumerations: createTable()
  }
  const components = Object.fromEntries(
    interfaces.components.map(source => [source.name, componentRow(source, writer)])
  )
  return {
    format: FACTS_FORMAT,
    version: options.version,
    types: writer.types.entries,
    units: writer.units.entries,
    fields: writer.fields.entries,
    bodies: writer.bodies.entries,
    enumerations: writer.enumerations.entries,
    components
  }
}

function componentRow(component: ComponentSource, writer: Writer): ComponentRow {
  const lists = createEnumerationTable(component, writer.rules.overrides, writer.problems)
  const generic = new Set(component.genericTopics)
  const all = [...component.genericTopics, ...component.topics]
  const rowsOf = (kind: TopicSource['kind']): TopicRow[] =>
    all
      .filter(topic => topic.kind === kind)
      .map(topic => topicRow(component, topic, { writer, lists, generic: generic.has(topic) }))
  const rate = writer.rules.rates.components[component.name]
  const rows = { commands: rowsOf('command'), events: rowsOf('event'), telemetry: rowsOf('telemetry') }
  const ack = topicRow(component, ackcmd, { writer, lists, generic: true })
  return {
    indexed: component.indexed ? 1 : 0,
    generics: component.generics,
    ...rows,
    ackcmd: ack,
    enumerations: lists
      .all()
      .map(({ name, items, bitmask }) => writer.enumerations.numberOf(enumerationRow(name, items, bitmask))),
    ...(rate?.instances && { instances: rate.instances }),
    ...displayOf(component.name, writer.rules.display),
    ...(writer.descriptions && { description: component.description })
  }
}

function displayOf(csc: string, rules: Rules['display']): Pick<ComponentRow, 'display'> {
  const subsystem = Object.entries(rules.subsystems).find(([, components]) => components.includes(csc))?.[0]
  const display = trim([subsystem ?? '', rules.firstTopics[csc], rules.firstFields[csc]])
  return display.some(Boolean) ? { display: display as unknown as DisplayRow } : {}
}

function enumerationRow(name: string, items: Enumeration['items'], bitmask = false): EnumerationRow {
  const pairs = items.map(item => [item.name, item.value] as const)
  return bitmask ? [name, pairs, 1] : [name, pairs]
}

interface TopicContext {
  readonly writer: Writer
  readonly lists: EnumerationTable
  readonly generic: boolean
}

function topicRow(
  component: ComponentSource,
  topic: TopicSource,
  { writer, lists, generic }: TopicContext
): TopicRow {
  const { privateFields } = writer.interfaces
  // No interface file has the schema of ackcmd, so its revCode is not known.
  const revCode = topic === ackcmd ? '' : revCodeOf(component.name, component.indexed, topic, privateFields)
  const body = topic.fields.map(field =>
    writer.fields.numberOf(fieldRow(field, lists.linkOf(topic, field), writer))
  )
  return trim([
    topic.name,
    revCode,
    writer.bodies.numberOf(body),
    (generic ? 1 : 0) + (scriptIndexOf(component.name, topic, writer.rules) === undefined ? 0 : 2),
    rateOf(component.name, topic, writer.rules),
    keysOf(component.name, topic, writer.rules),
    writer.descriptions ? topic.description : undefined
  ]) as unknown as TopicRow
}

function fieldRow(field: FieldSource, enumeration: string | undefined, writer: Writer): FieldRow {
  return trim([
    field.name,
    writer.types.numberOf(field.type),
    writer.units.numberOf(unitOf(field.units)),
    field.count === 1 ? 0 : field.count,
    enumeration ?? 0,
    (field.nullable ? 1 : 0) + (field.tag ? 2 : 0),
    writer.descriptions ? field.description : undefined
  ]) as unknown as FieldRow
}

/** Removes empty places at the end of a row and replaces the others with 0. */
function trim(row: readonly unknown[]): unknown[] {
  const last = row.findLastIndex(value => value !== 0 && value !== undefined && value !== '')
  return row.slice(0, Math.max(last + 1, 2)).map(value => value ?? 0)
}

function rateOf(csc: string, { kind, name }: TopicSource, { rates }: Rules): number {
  const own = rates.components[csc]
  if (kind === 'event') return own?.events?.[name] ?? rates.events[name] ?? 0
  return kind === 'telemetry' ? (own?.topics?.[name] ?? own?.default ?? rates.default) : 0
}

const scriptIndexOf = (csc: string, topic: TopicSource, { overrides }: Rules): string | undefined =>
  overrides.scriptIndex[`${csc}.${topic.kind}.${topic.name}`]

function keysOf(csc: string, topic: TopicSource, rules: Rules): readonly string[] | undefined {
  const { overrides } = rules
  const script = scriptIndexOf(csc, topic, rules)
  if (script !== undefined) return [script]
  const tags = topic.fields.filter(field => field.tag).map(field => field.name)
  if (tags.length > 0) return tags
  const has = new Set(topic.fields.map(field => field.name))
  return Object.entries(overrides.keys).find(
    ([pattern, fields]) =>
      fits(pattern, `${csc}.${topic.kind}.${topic.name}`) && fields.every(field => has.has(field))
  )?.[1]
}
