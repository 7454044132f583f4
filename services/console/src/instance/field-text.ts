import type { ComponentSpec, EnumerationSpec, FieldSpec } from '../catalogue.ts'
import { enumerationText } from '../format/enumeration.ts'
import { formatArray, formatScalar } from '../format/value.ts'

/** The list of meanings of a field, where it has one. */
export const enumerationOf = (
  component: ComponentSpec | undefined,
  field: FieldSpec
): EnumerationSpec | undefined =>
  field.enumeration === undefined
    ? undefined
    : component?.enumerations.find(enumeration => enumeration.name === field.enumeration)

/** A value as a person reads it: with the name of its meaning where the catalogue has one. */
export function fieldText(component: ComponentSpec | undefined, field: FieldSpec, value: unknown): string {
  const enumeration = enumerationOf(component, field)
  const one = (v: unknown): string =>
    enumeration === undefined || v === undefined || v === null
      ? formatScalar(v, field)
      : enumerationText(enumeration, v)
  if (!Array.isArray(value)) return one(value)
  if (enumeration !== undefined && value.length <= 6) return `[${value.map(one).join(', ')}]`
  return formatArray(value, field)
}

/** True for what a plot can show. */
export const isPlottable = (value: unknown): boolean =>
  typeof value === 'number' || typeof value === 'bigint' || typeof value === 'boolean'
