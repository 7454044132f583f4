import type { ComponentSpec, EnumerationSpec, FieldSpec } from '../catalogue.ts'
import { enumerationText } from '../format/enumeration.ts'
import { createNumberFormat, type NumberFormat } from '../format/number-format.ts'
import { formatArray, formatScalar } from '../format/value.ts'
import { CONDITION_LABELS, SUMMARY_STATES } from '../site/condition.ts'
import type { TopicModel } from './topic-store.ts'

/** SAL's states, for components that no catalogue describes. */
const SUMMARY_STATE: EnumerationSpec = {
  name: 'summaryState',
  items: Object.entries(SUMMARY_STATES).map(([value, state]) => ({
    name: CONDITION_LABELS[state],
    value: Number(value)
  }))
}

/** The list of meanings of a field, where it has one. */
export function enumerationOf(
  component: ComponentSpec | undefined,
  field: FieldSpec
): EnumerationSpec | undefined {
  if (component === undefined && field.name === 'summaryState') return SUMMARY_STATE
  if (field.enumeration === undefined) return undefined
  return component?.enumerations.find(enumeration => enumeration.name === field.enumeration)
}

/**
 * A value as a person reads it: with the name of its meaning where the catalogue has one. `format` keeps the
 * digits of a field from one value to the next.
 */
export function fieldText(
  component: ComponentSpec | undefined,
  field: FieldSpec,
  value: unknown,
  format?: NumberFormat
): string {
  const enumeration = enumerationOf(component, field)
  const one = (v: unknown): string =>
    enumeration === undefined || v === undefined || v === null
      ? formatScalar(v, field, format)
      : enumerationText(enumeration, v)
  if (!Array.isArray(value)) return one(value)
  if (enumeration !== undefined && value.length <= 6) return `[${value.map(one).join(', ')}]`
  return formatArray(value, field, format)
}

const formats = new WeakMap<TopicModel, Map<string, NumberFormat>>()

/** The one number format of a field of a topic, which all rows that show it share while the page is open. */
export function numberFormatOf(topic: TopicModel, { name, type, units }: FieldSpec): NumberFormat {
  const ofTopic = formats.get(topic) ?? new Map<string, NumberFormat>()
  formats.set(topic, ofTopic)
  // The catalogue may come after the first values: what it says of the field makes another format.
  const id = JSON.stringify([name, type, units])
  const format = ofTopic.get(id) ?? createNumberFormat({ type, units })
  ofTopic.set(id, format)
  return format
}

/** True for what a plot can show. */
export const isPlottable = (value: unknown): boolean =>
  typeof value === 'number' || typeof value === 'bigint' || typeof value === 'boolean'
