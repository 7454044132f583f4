import type { SalType } from '@meridian/msgpack'
import type { Catalogue, Component, Enumeration, Field, Topic } from './model.ts'

/** A topic to print types for: `kind` tells events from telemetry of the same name. */
export interface TopicName {
  readonly csc: string
  readonly kind: 'command' | 'event' | 'telemetry'
  readonly name: string
}

const TOPICS = { command: 'commands', event: 'events', telemetry: 'telemetry' } as const
const KINDS = { command: 'Command', event: 'Event', telemetry: 'Telemetry' } as const

/**
 * TypeScript declarations for the fields of topics as the SDK delivers them: `MTMountTelemetryAzimuth`, with
 * a doc comment of type and units per field, and a constant per enumeration used. Names that the catalogue
 * does not know are left out.
 */
export function typesOf(catalogue: Catalogue, topics: readonly TopicName[]): string {
  const found = topics.flatMap(({ csc, kind, name }) => {
    const component = catalogue.component(csc)
    const topic = component?.[TOPICS[kind]].get(name)
    return component === undefined || topic === undefined ? [] : [{ component, topic }]
  })
  const lists = new Map(found.flatMap(({ component, topic }) => enumerationsOf(component, topic)))
  return [
    `// From the catalogue ${catalogue.version}. Do not edit: make it anew with \`pnpm types\`.`,
    ...[...lists].map(([name, list]) => enumerationText(name, list)),
    ...found.map(({ component, topic }) => topicText(component, topic))
  ].join('\n\n')
}

/** Name of the type that `typesOf` prints for a topic: `MTMountTelemetryAzimuth`. */
export const typeNameOf = ({ csc, kind, name }: TopicName): string => csc + KINDS[kind] + capital(name)

/** All topics of a component, for `typesOf`: commands, then events, then telemetry. */
export function topicNamesOf(component: Component): readonly TopicName[] {
  return [component.commands, component.events, component.telemetry].flatMap(topics =>
    [...topics.values()].map(({ csc, kind, name }) => ({ csc, kind: kind as TopicName['kind'], name }))
  )
}

function enumerationsOf(component: Component, topic: Topic): [string, Enumeration][] {
  return topic.fields.flatMap(({ enumeration }) => {
    const list = enumeration === undefined ? undefined : component.enumerations.get(enumeration)
    return list === undefined ? [] : [[enumerationName(component, list.name), list]]
  })
}

const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1)

const enumerationName = (component: Component, name: string): string =>
  component.name + name.split('.').map(capital).join('')

function enumerationText(name: string, { items }: Enumeration): string {
  const lines = items.map(item => `  ${propertyOf(item.name)}: ${JSON.stringify(item.value)}`)
  return `export const ${name} = {\n${lines.join(',\n')}\n} as const`
}

function topicText(component: Component, topic: Topic): string {
  const name = typeNameOf(topic as TopicName)
  const doc = `/** ${component.name} ${topic.kind} ${topic.name}. */`
  if (topic.fields.length === 0) return `${doc}\nexport type ${name} = Record<never, never>`
  return `${doc}\nexport interface ${name} {\n${topic.fields.map(field => fieldText(component, field)).join('\n')}\n}`
}

function fieldText(component: Component, field: Field): string {
  const { name, type, count, units, enumeration, nullable } = field
  const list = enumeration === undefined ? undefined : enumerationName(component, enumeration)
  const doc = [type + (count > 1 ? `[${count}]` : ''), units, list && `one of ${list}`]
    .filter(Boolean)
    .join(', ')
  const value = typeOf(type) + (nullable ? ' | null' : '')
  return `  /** ${doc} */\n  readonly ${propertyOf(name)}: ${count > 1 ? `readonly ${arrayItem(value)}[]` : value}`
}

/** 64-bit integers come as bigint where a number could not hold them. */
function typeOf(type: SalType): string {
  if (type === 'boolean' || type === 'string') return type
  return type === 'long long' || type === 'int64' ? 'number | bigint' : 'number'
}

const arrayItem = (value: string): string => (value.includes('|') ? `(${value})` : value)

const propertyOf = (name: string): string => (/^[A-Za-z_$][\w$]*$/.test(name) ? name : JSON.stringify(name))
