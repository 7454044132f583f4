import { isDeepStrictEqual } from 'node:util'
import { salTypes } from '@meridian/msgpack'
import type { Enumeration } from '../model.ts'
import type { Problems } from './problems.ts'
import { fits, type Overrides } from './rules.ts'
import type { ComponentSource, EnumerationSource, FieldSource, TopicSource } from './sources.ts'

/**
 * Finds the enumeration of each field. Interface files do not link fields to enumerations, so these sources
 * are tried in order: a rule of overrides.yaml; a comment inside the item; a class name in the description;
 * the field's own list; the field's name; the topic's name [docs/sal.md#enumerations].
 */
export interface EnumerationTable {
  /** Name of the field's enumeration; undefined where it has none. */
  linkOf(topic: TopicSource, field: FieldSource): string | undefined
  /** All enumerations of the component; complete once every field was looked up. */
  all(): readonly Enumeration[]
}

const FILE = 'overrides.yaml'
const STATE_FIELDS = new Set(['state', 'status', 'mode', 'source', 'substate'])

/**
 * Creates the look-up of one component with the rules applied; rules that match nothing are reported in
 * `problems`.
 */
export function createEnumerationTable(
  component: ComponentSource,
  overrides: Overrides,
  problems: Problems
): EnumerationTable {
  const lists = new Map<string, Enumeration>()
  for (const source of component.enumerations)
    addGlobal(lists, component, applyRule(component.name, source, overrides, problems), problems)
  for (const [name, values] of Object.entries(overrides.shared))
    lists.set(name, { name, items: Object.entries(values).map(([item, value]) => ({ name: item, value })) })
  const links = Object.entries(overrides.links).filter(([pattern]) =>
    fits(pattern.split('.')[0] ?? '', component.name)
  )
  for (const [pattern, name] of links)
    if (name !== 'none' && !lists.has(name) && !pattern.startsWith('*'))
      problems.add({
        code: 'CAT_BAD_RULE',
        file: FILE,
        element: pattern,
        message: `there is no list ${name}`
      })
  return {
    linkOf: (topic, field) => linkOf({ component: component.name, topic, field, lists, links }),
    all: () => [...lists.values()]
  }
}

function addGlobal(
  lists: Map<string, Enumeration>,
  component: ComponentSource,
  list: Enumeration,
  problems: Problems
): void {
  const same = lists.get(list.name)
  if (same !== undefined && !isDeepStrictEqual(same, list))
    problems.add({
      code: 'CAT_DUPLICATE',
      file: component.name,
      element: `Enumeration ${list.name}`,
      message: 'two lists of this class differ'
    })
  lists.set(list.name, list)
}

function applyRule(
  csc: string,
  source: EnumerationSource,
  overrides: Overrides,
  problems: Problems
): Enumeration {
  const key = `${csc}.${source.name}`
  const rule = overrides.enumerations[key]
  if (rule === undefined) return withBits(source.name, source.items)
  const { countFrom, values = {}, add = {} } = rule
  const names = new Set(source.items.map(item => item.name))
  const wrong = [
    ...Object.keys(values)
      .filter(name => !names.has(name))
      .map(name => `there is no item ${name}`),
    ...Object.keys(add)
      .filter(name => names.has(name))
      .map(name => `there is an item ${name} already`)
  ]
  for (const message of wrong) problems.add({ code: 'CAT_BAD_RULE', file: FILE, element: key, message })
  const items = [
    ...source.items.map(({ name, value }, at) => ({
      name,
      value: values[name] ?? (countFrom === undefined ? value : countFrom + at)
    })),
    ...Object.entries(add).map(([name, value]) => ({ name, value }))
  ]
  return withBits(source.name, items, rule.bitmask)
}

function withBits(name: string, items: Enumeration['items'], bitmask = looksLikeBits(items)): Enumeration {
  return { name, items, ...(bitmask && { bitmask: true }) }
}

/** Whether a list is a bit mask: four values or more, all of them single bits. */
function looksLikeBits(items: Enumeration['items']): boolean {
  const values = items.map(item => item.value).filter(value => value !== 0)
  return (
    values.length >= 4 &&
    values.every(value => typeof value === 'number' && value > 0 && Number.isInteger(Math.log2(value)))
  )
}

interface Question {
  readonly component: string
  readonly topic: TopicSource
  readonly field: FieldSource
  readonly lists: Map<string, Enumeration>
  readonly links: ReadonlyArray<readonly [pattern: string, name: string]>
}

function linkOf(question: Question): string | undefined {
  const { component, topic, field, lists, links } = question
  const rule = links.find(([pattern]) =>
    fits(pattern, `${component}.${topic.kind}.${topic.name}.${field.name}`)
  )?.[1]
  if (rule === 'none') return undefined
  if (rule !== undefined && lists.has(rule)) return rule
  if (field.comment !== undefined && lists.has(field.comment)) return field.comment
  const candidates = [...lists.values()].filter(list => canHold(field, list))
  return (
    namedIn(field.description, candidates) ??
    localOf(question) ??
    likeOf(field.name, candidates) ??
    (isState(topic, field) ? likeOf(topic.name, candidates) : undefined)
  )
}

/**
 * Whether a field can have the enumeration: text fields need text values; booleans and fields with a unit
 * have none.
 */
function canHold({ type, units }: FieldSource, { items }: Enumeration): boolean {
  const texts = items.every(item => typeof item.value === 'string')
  if (units !== 'unitless' || type === 'boolean') return false
  if (type === 'string') return texts
  return !texts
}

/** The longest class name that occurs in the description. */
function namedIn(description: string, lists: readonly Enumeration[]): string | undefined {
  const found = lists.filter(({ name }) => new RegExp(`\\b${name}(_|\\b)`).test(description))
  return found.sort((a, b) => b.name.length - a.name.length)[0]?.name
}

function likeOf(text: string, lists: readonly Enumeration[]): string | undefined {
  const wanted = text.toLowerCase()
  return lists.find(({ name }) => [wanted, `${wanted}s`].includes(name.toLowerCase()))?.name
}

const isState = (topic: TopicSource, field: FieldSource): boolean =>
  salTypes[field.type] === 'integer' && (topic.fields.length === 1 || STATE_FIELDS.has(field.name))

function localOf({ topic, field, lists }: Question): string | undefined {
  if (field.local === undefined) return undefined
  const { name, items } = field.local
  const list = (unique: string): Enumeration => withBits(unique, items)
  const ownClass = name !== field.name && (!lists.has(name) || isDeepStrictEqual(lists.get(name), list(name)))
  const unique = ownClass ? name : `${topic.name}.${field.name}`
  lists.set(unique, list(unique))
  return unique
}
