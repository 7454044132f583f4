import { type SalType, salTypes } from '@meridian/msgpack'
import { parseEnumeration, parseLocalEnumeration } from './enumeration-text.ts'
import type { Problems } from './problems.ts'
import type { EnumerationSource, FieldSource, Place, TopicSource } from './sources.ts'
import { childrenOf, textOf, textsOf, type XmlElement, type XmlFile } from './xml-file.ts'

const KINDS = [
  { tag: 'SALCommand', kind: 'command', prefix: 'command_' },
  { tag: 'SALEvent', kind: 'event', prefix: 'logevent_' },
  { tag: 'SALTelemetry', kind: 'telemetry', prefix: '' }
] as const

const NAME = /^[A-Za-z][A-Za-z0-9_]*$/

/** Contents of one topic file, or of one set of the generics. */
export interface TopicFile {
  readonly topics: readonly TopicSource[]
  readonly enumerations: readonly EnumerationSource[]
}

/**
 * Reads topics and enumerations below `root`; `owner` is the component or SALGeneric. Faulty elements are
 * reported and left out.
 */
export function readTopics(xml: XmlFile, root: XmlElement, owner: string, problems: Problems): TopicFile {
  const topics = KINDS.flatMap(kind =>
    childrenOf(root, kind.tag).flatMap(element => readTopic(xml, element, { ...kind, owner }, problems) ?? [])
  )
  const enumerations = textsOf(root, 'Enumeration').flatMap(text => {
    const place = { file: xml.file, element: `Enumeration ${text.trim().split(/[_,=\s]/)[0] ?? ''}` }
    return attempt(() => parseEnumeration(text), place, problems) ?? []
  })
  return { topics, enumerations }
}

type Kind = (typeof KINDS)[number] & { readonly owner: string }

function readTopic(
  xml: XmlFile,
  element: XmlElement,
  kind: Kind,
  problems: Problems
): TopicSource | undefined {
  const full = textOf(element, 'EFDB_Topic')?.trim()
  const place = placeOf(xml, element, full ?? kind.tag)
  if (full === undefined) {
    problems.add({ ...place, code: 'CAT_MISSING_ELEMENT', message: 'no EFDB_Topic, or more than one' })
    return undefined
  }
  const prefix = `${kind.owner}_${kind.prefix}`
  const name = full.slice(prefix.length)
  if (!full.startsWith(prefix) || !NAME.test(name)) {
    problems.add({ ...place, code: 'CAT_BAD_NAME', message: `EFDB_Topic is not ${prefix} and a name` })
    return undefined
  }
  const category = textOf(element, 'Category')?.trim()
  return {
    kind: kind.kind,
    name,
    description: textOf(element, 'Description') ?? '',
    fields: readFields(xml, element, place, problems),
    place,
    ...(category !== undefined && { category })
  }
}

function readFields(xml: XmlFile, topic: XmlElement, place: Place, problems: Problems): FieldSource[] {
  const fields = childrenOf(topic, 'item').flatMap(item => readField(xml, item, place, problems) ?? [])
  const names = new Set<string>()
  return fields.filter(({ name }) => {
    if (names.has(name))
      problems.add({ ...place, code: 'CAT_DUPLICATE', message: `field ${name} appears twice` })
    return !names.has(name) && names.add(name)
  })
}

function readField(
  xml: XmlFile,
  item: XmlElement,
  topic: Place,
  problems: Problems
): FieldSource | undefined {
  const text = (tag: string): string | undefined => textOf(item, tag)?.trim()
  const name = text('EFDB_Name')
  const place = placeOf(xml, item, `${topic.element}.${name ?? 'item'}`)
  const missing = ['EFDB_Name', 'IDL_Type', 'Units', 'Count'].filter(tag => text(tag) === undefined)
  if (missing.length > 0 || name === undefined) {
    problems.add({ ...place, code: 'CAT_MISSING_ELEMENT', message: `no ${missing.join(', no ')}` })
    return undefined
  }
  const type = text('IDL_Type') ?? ''
  const count = Number(text('Count'))
  const faults = fieldFaults({ name, type, count, countText: text('Count') ?? '' })
  for (const fault of faults) problems.add({ ...place, ...fault })
  if (faults.length > 0) return undefined
  return {
    name,
    type: type as SalType,
    count,
    units: textOf(item, 'Units') ?? '',
    description: textOf(item, 'Description') ?? '',
    ...enumerationOf(item, { name, type, place }, problems)
  }
}

// The files of the interfaces know every type but the cameras' own.
const isIdlType = (type: string): boolean => Object.hasOwn(salTypes, type) && type !== 'int64'

function fieldFaults(field: { name: string; type: string; count: number; countText: string }) {
  const { name, type, count, countText } = field
  return [
    ...(NAME.test(name) && name !== 'salIndex' && !name.startsWith('private_')
      ? []
      : [{ code: 'CAT_BAD_NAME' as const, message: `'${name}' cannot be the name of a field` }]),
    ...(isIdlType(type) ? [] : [{ code: 'CAT_UNKNOWN_TYPE' as const, message: `IDL_Type is '${type}'` }]),
    ...(Number.isInteger(count) && count >= 1 && !(type === 'string' && count > 1)
      ? []
      : [{ code: 'CAT_BAD_COUNT' as const, message: `Count is '${countText}'` }])
  ]
}

function enumerationOf(
  item: XmlElement,
  field: { name: string; type: string; place: Place },
  problems: Problems
): { comment?: string; local?: EnumerationSource } {
  const comment = textsOf(item, '#comment').flatMap(text => /Enumeration:\s*(\w+)/.exec(text)?.[1] ?? [])[0]
  const [text] = textsOf(item, 'Enumeration')
  const list =
    text === undefined
      ? undefined
      : attempt(() => parseLocalEnumeration(text, field.name), field.place, problems)
  const texts = field.type === 'string'
  const local =
    list && texts ? { ...list, items: list.items.map(({ name }) => ({ name, value: name })) } : list
  return { ...(comment !== undefined && { comment }), ...(local && { local }) }
}

function attempt<T>(parse: () => T, place: Place, problems: Problems): T | undefined {
  try {
    return parse()
  } catch (error) {
    problems.add({ ...place, code: 'CAT_BAD_ENUMERATION', message: (error as Error).message })
    return undefined
  }
}

function placeOf(xml: XmlFile, element: XmlElement, name: string): Place {
  const line = xml.lineOf(element)
  return { file: xml.file, element: name, ...(line !== undefined && { line }) }
}
