import { exactText } from './exact.ts'
import { extremesOf } from './extremes.ts'
import { createNumberFormat, type NumberFormat, type NumberTraits } from './number-format.ts'
import { preciseTextOf } from './stamp.ts'

/** What the catalogue says of a field, as far as showing it needs. */
export interface Shown extends NumberTraits {
  readonly name: string
}

/** Arrays up to this length are shown whole. */
const FEW = 6

/**
 * True for a number that is a moment and no quantity: by its name, and seconds since 1970 between 2001 and
 * 2286.
 */
export const isMoment = (name: string, value: number): boolean =>
  value > 1e9 && value < 1e10 && /stamp|time|tai/i.test(name)

const isStamp = (field: Shown | undefined, value: number): boolean =>
  field !== undefined && field.units === 's' && isMoment(field.name, value)

/**
 * One value as text. Stamps (TAI seconds) are shown as UTC time of day; text stays text. `format` keeps the
 * digits of a field from one value to the next; without one the value stands alone.
 */
export function formatScalar(value: unknown, field?: Shown, format?: NumberFormat): string {
  if (typeof value !== 'number') return exactText(value)
  if (isStamp(field, value)) return preciseTextOf(value)
  return (format ?? createNumberFormat(field)).text(value)
}

/**
 * An array in one line: its elements when there are few, else its length, extremes and what is not a number.
 * Its numbers share their decimals.
 */
export function formatArray(values: readonly unknown[], field?: Shown, given?: NumberFormat): string {
  const format = given ?? createNumberFormat(field)
  const { low, high, count } = extremesOf(values)
  // The largest first: it decides about the decimals of all.
  for (const edge of count > 0 ? [low, high] : []) formatScalar(edge, field, format)
  const text = (value: unknown): string => formatScalar(value, field, format)
  if (values.length <= FEW) return `[${values.map(text).join(', ')}]`
  if (count === 0) return `[${values.slice(0, FEW).map(text).join(', ')}, …]`
  const odd = values.length - count
  return `${text(low)} … ${text(high)}${odd > 0 ? `, ${odd} not finite` : ''}`
}

/** Units as shown beside a value; `UTC` where a stamp is shown as a time of day. */
export const unitsText = (value: unknown, field: Shown | undefined): string => {
  if (field === undefined) return ''
  return typeof value === 'number' && isStamp(field, value) ? 'UTC' : field.units
}
