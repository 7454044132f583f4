import { AppError } from '@meridian/errors'
import type { SalType } from '@meridian/msgpack'
import { type ComponentRow, FACTS_FORMAT, type Facts, type FieldRow, type TopicRow } from './facts.ts'
import type {
  Catalogue,
  Component,
  ComponentDisplay,
  Enumeration,
  Field,
  Topic,
  TopicKind,
  Totals
} from './model.ts'
import { readText } from './read-text.ts'
import { shippedFacts } from './shipped-files.ts'

/** Tables of a facts file with each field and each list of fields built at most once. */
interface Tables {
  readonly facts: Facts
  body(number: number): readonly Field[]
}

const NONE: readonly string[] = []

/** Reads a facts file; the shipped one by default. Throws CAT_UNREADABLE or CAT_FORMAT. */
export function loadCatalogue(options: { readonly file?: string } = {}): Catalogue {
  const file = options.file ?? shippedFacts
  return catalogueOf(parseFacts(readText(file, 'CAT_UNREADABLE'), file))
}

function parseFacts(text: string, file: string): Facts {
  let facts: Partial<Facts> | null
  try {
    facts = JSON.parse(text)
  } catch (cause) {
    throw new AppError('CAT_FORMAT', { cause, detail: `'${file}' is not JSON`, file })
  }
  const format = facts?.format
  if (format !== FACTS_FORMAT)
    throw new AppError('CAT_FORMAT', {
      detail: `'${file}' says ${JSON.stringify(format)}, not '${FACTS_FORMAT}'`,
      file
    })
  const tables = [facts?.types, facts?.units, facts?.fields, facts?.bodies, facts?.enumerations]
  if (!tables.every(Array.isArray) || typeof facts?.components !== 'object')
    throw new AppError('CAT_FORMAT', { detail: `'${file}' lacks a table`, file })
  return facts as Facts
}

/** A catalogue over facts in memory; components are built when first asked for. */
export function catalogueOf(facts: Facts): Catalogue {
  const tables = createTables(facts)
  const built = new Map<string, Component>()
  return {
    version: facts.version,
    components: Object.keys(facts.components),
    component(name) {
      const known = built.get(name)
      if (known !== undefined || !Object.hasOwn(facts.components, name)) return known
      const component = componentOf(name, facts.components[name] as ComponentRow, tables)
      built.set(name, component)
      return component
    },
    totals: () => totalsOf(facts)
  }
}

function createTables(facts: Facts): Tables {
  const fields: Field[] = []
  const bodies: (readonly Field[])[] = []
  const field = (number: number): Field =>
    (fields[number] ??= fieldOf(facts.fields[number] as FieldRow, facts))
  return {
    facts,
    body: number => (bodies[number] ??= (facts.bodies[number] ?? []).map(field))
  }
}

function fieldOf(
  [name, type, units, count, enumeration, flags = 0, description]: FieldRow,
  facts: Facts
): Field {
  return {
    name,
    type: facts.types[type] as SalType,
    count: count || 1,
    units: facts.units[units ?? 0] ?? '',
    ...(enumeration && { enumeration }),
    ...((flags & 1) !== 0 && { nullable: true }),
    ...((flags & 2) !== 0 && { tag: true }),
    ...(description !== undefined && { description })
  }
}

function topicOf(csc: string, kind: TopicKind, row: TopicRow, tables: Tables): Topic {
  const [name, revCode, body, flags = 0, rateHz, keyFields, description] = row
  const [scriptIndexField] = (flags & 2) !== 0 && keyFields ? keyFields : NONE
  return {
    csc,
    kind,
    name,
    revCode,
    fields: tables.body(body),
    keyFields: keyFields || NONE,
    generic: (flags & 1) !== 0,
    ...(scriptIndexField !== undefined && { scriptIndexField }),
    ...((kind === 'telemetry' || rateHz) && { rateHz: rateHz ?? 0 }),
    ...(description !== undefined && { description })
  }
}

/** Its topics are built when first asked for: most processes use few of the components that they know of. */
function componentOf(csc: string, row: ComponentRow, tables: Tables): Component {
  const mapOf = (kind: TopicKind, rows: readonly TopicRow[]): (() => ReadonlyMap<string, Topic>) =>
    onDemand(() => new Map(rows.map(topic => [topic[0], topicOf(csc, kind, topic, tables)])))
  const commands = mapOf('command', row.commands)
  const events = mapOf('event', row.events)
  const telemetry = mapOf('telemetry', row.telemetry)
  const ackcmd = onDemand(() => topicOf(csc, 'ackcmd', row.ackcmd, tables))
  const enumerations = onDemand(() => enumerationsOf(row, tables.facts))
  return {
    name: csc,
    indexed: row.indexed === 1,
    generics: row.generics,
    get commands() {
      return commands()
    },
    get events() {
      return events()
    },
    get telemetry() {
      return telemetry()
    },
    get ackcmd() {
      return ackcmd()
    },
    get enumerations() {
      return enumerations()
    },
    rateOf({ kind, name }, index) {
      if (kind === 'event') return events().get(name)?.rateHz ?? 0
      const sent = row.instances?.[index] ?? row.instances?.['default']
      return sent === undefined || sent.includes(name) ? (telemetry().get(name)?.rateHz ?? 0) : 0
    },
    display: displayOf(row),
    ...(row.description !== undefined && { description: row.description })
  }
}

/** Makes a value at the first call and keeps it. */
function onDemand<T extends object>(make: () => T): () => T {
  let made: T | undefined
  return () => (made ??= make())
}

function displayOf({ display = [''] }: ComponentRow): ComponentDisplay {
  const [subsystem, firstTopics, firstFields] = display
  return {
    ...(subsystem !== '' && { subsystem }),
    firstTopics: firstTopics || NONE,
    firstFields: firstFields ?? []
  }
}

function enumerationsOf(row: ComponentRow, facts: Facts): ReadonlyMap<string, Enumeration> {
  return new Map(
    row.enumerations.flatMap(number => {
      const found = facts.enumerations[number]
      if (found === undefined) return []
      const [name, items, bitmask] = found
      return [
        [
          name,
          {
            name,
            items: items.map(([item, value]) => ({ name: item, value })),
            ...(bitmask && { bitmask: true })
          }
        ]
      ]
    })
  )
}

function totalsOf(facts: Facts): Totals {
  const rows = Object.values(facts.components)
  const topics = rows.flatMap(row => [...row.commands, ...row.events, ...row.telemetry, row.ackcmd])
  const isArray = facts.fields.map(row => (row[3] || 1) > 1)
  const sum = (numbers: readonly number[]): number => numbers.reduce((total, n) => total + n, 0)
  return {
    components: rows.length,
    indexed: rows.filter(row => row.indexed === 1).length,
    commands: sum(rows.map(row => row.commands.length)),
    events: sum(rows.map(row => row.events.length)),
    telemetry: sum(rows.map(row => row.telemetry.length)),
    ackcmds: rows.length,
    fields: sum(topics.map(topic => facts.bodies[topic[2]]?.length ?? 0)),
    arrayFields: sum(topics.map(topic => facts.bodies[topic[2]]?.filter(n => isArray[n]).length ?? 0))
  }
}
