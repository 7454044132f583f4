import type { Catalogue, Component, Enumeration, Field, Topic } from '../model.ts'

/** One component, topic, field or enumeration that was added, removed or changed. */
export interface Difference {
  readonly change: 'added' | 'removed' | 'changed'
  readonly what: 'component' | 'topic' | 'field' | 'enumeration'
  /**
   * `MTMount`, `MTMount.telemetry.azimuth`, `MTMount.telemetry.azimuth.actualPosition`,
   * `MTMount.AxisMotionState`.
   */
  readonly name: string
  /** For a change: the old and the new value. */
  readonly detail: string
}

/**
 * Compares two catalogues. The topics and fields of an added or removed component are not listed one by one.
 */
export function differencesOf(before: Catalogue, after: Catalogue): Difference[] {
  return compare(mapOf(before), mapOf(after), 'component', '', componentChanges)
}

const mapOf = (catalogue: Catalogue): ReadonlyMap<string, Component> =>
  new Map(
    catalogue.components.flatMap(name => {
      const component = catalogue.component(name)
      return component === undefined ? [] : [[name, component] as const]
    })
  )

function compare<T>(
  before: ReadonlyMap<string, T>,
  after: ReadonlyMap<string, T>,
  what: Difference['what'],
  prefix: string,
  changes: (before: T, after: T, name: string) => Difference[]
): Difference[] {
  return [...new Set([...before.keys(), ...after.keys()])].sort().flatMap(key => {
    const name = `${prefix}${key}`
    const old = before.get(key)
    const now = after.get(key)
    if (old === undefined) return [{ change: 'added', what, name, detail: '' }]
    if (now === undefined) return [{ change: 'removed', what, name, detail: '' }]
    return changes(old, now, name)
  })
}

function componentChanges(before: Component, after: Component, name: string): Difference[] {
  const indexed = (component: Component): string => (component.indexed ? 'indexed' : 'not indexed')
  return [
    ...changed('component', name, indexed(before), indexed(after)),
    ...(['commands', 'events', 'telemetry'] as const).flatMap(kind =>
      compare(before[kind], after[kind], 'topic', `${name}.${kind}.`, topicChanges)
    ),
    ...compare(before.enumerations, after.enumerations, 'enumeration', `${name}.`, (a, b, list) =>
      changed('enumeration', list, itemsText(a), itemsText(b))
    )
  ]
}

function topicChanges(before: Topic, after: Topic, name: string): Difference[] {
  const fieldsOf = (topic: Topic): ReadonlyMap<string, Field> =>
    new Map(topic.fields.map(field => [field.name, field]))
  const fields = compare(fieldsOf(before), fieldsOf(after), 'field', `${name}.`, (a, b, field) =>
    changed('field', field, fieldText(a), fieldText(b))
  )
  const text = ({ keyFields, scriptIndexField, rateHz = 0 }: Topic): string =>
    `keys ${keyFields.join('+') || 'none'}${scriptIndexField === undefined ? '' : ' of scripts'}, ${rateHz} Hz`
  const facts = changed('topic', name, text(before), text(after))
  if (facts.length > 0) return [...fields, ...facts]
  const wording = fields.length === 0 ? changed('topic', name, before.revCode, after.revCode) : []
  return [...fields, ...wording]
}

function changed(what: Difference['what'], name: string, before: string, after: string): Difference[] {
  return before === after ? [] : [{ change: 'changed', what, name, detail: `${before} -> ${after}` }]
}

function fieldText({ type, count, units, enumeration, nullable, tag }: Field): string {
  const flags = [nullable && 'nullable', tag && 'tag', enumeration].filter(Boolean).join(' ')
  return `${type}${count > 1 ? `[${count}]` : ''}${units && ` ${units}`}${flags && ` ${flags}`}`
}

const itemsText = ({ items, bitmask }: Enumeration): string =>
  `${bitmask ? 'bits ' : ''}${items.map(({ name, value }) => `${name}=${value}`).join(' ')}`
