/**
 * Which number of which topic is plotted. A field may have any name, `temp[0]` too: the index of an element
 * is kept apart from it.
 */
export interface FieldRef {
  readonly subject: string
  readonly field: string
  /** Of an element of an array field. */
  readonly index?: number
  readonly units: string
}

/** As a person reads it: `azimuth`, `force[3]`. For reading alone: it does not tell what it was made from. */
export const fieldNameOf = ({ field, index }: Pick<FieldRef, 'field' | 'index'>): string =>
  index === undefined ? field : `${field}[${index}]`

/** True for two references to the same number. */
export const isSameField = (a: FieldRef, b: FieldRef): boolean =>
  a.subject === b.subject && a.field === b.field && a.index === b.index

/** The value that is referred to among the fields of a message; undefined where there is none. */
export function fieldValueOf(
  fields: Readonly<Record<string, unknown>>,
  { field, index }: Pick<FieldRef, 'field' | 'index'>
): unknown {
  const value = Object.hasOwn(fields, field) ? fields[field] : undefined
  if (index === undefined) return value
  return Array.isArray(value) ? (value[index] as unknown) : undefined
}

/** True for what was stored as a reference and still looks like one. */
export function isFieldRef(value: unknown): value is FieldRef {
  const { subject, field, index, units } = (value ?? {}) as Record<string, unknown>
  const isIndex = index === undefined || (Number.isSafeInteger(index) && Number(index) >= 0)
  return isIndex && [subject, field, units].every(text => typeof text === 'string')
}
