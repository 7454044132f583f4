import { preciseTextOf } from './stamp.ts'

/** What the catalogue says of a field, as far as showing it needs. */
export interface Shown {
  readonly name: string
  readonly type: string
  readonly units: string
}

const WHOLE = /^(byte|short|int|long|long long|unsigned short|unsigned int|int64)$/

/**
 * True for a number that is a moment and no quantity: by its name, and seconds since 1970 between 2001 and
 * 2286.
 */
export const isMoment = (name: string, value: number): boolean =>
  value > 1e9 && value < 1e10 && /stamp|time|tai/i.test(name)

const isStamp = (field: Shown | undefined, value: number): boolean =>
  field !== undefined && field.units === 's' && isMoment(field.name, value)

/**
 * A number with decimals enough to see it move and few enough to read; the same magnitude gives the same
 * width.
 */
export function formatNumber(value: number, whole = false): string {
  if (!Number.isFinite(value)) return String(value)
  const size = Math.abs(value)
  if (whole || (Number.isInteger(value) && size >= 1e4 && size < 1e10)) return String(value)
  if (value !== 0 && (size >= 1e7 || size < 1e-4)) return value.toExponential(4)
  if (size >= 1000) return value.toFixed(2)
  return size >= 1 ? value.toFixed(4) : value.toFixed(5)
}

/** One value as text. Stamps (TAI seconds) are shown as UTC time of day; text stays text. */
export function formatScalar(value: unknown, field?: Shown): string {
  if (value === null || value === undefined) return '—'
  if (typeof value === 'number') {
    if (isStamp(field, value)) return preciseTextOf(value)
    const whole = field === undefined ? Number.isInteger(value) : WHOLE.test(field.type)
    return formatNumber(value, whole)
  }
  if (typeof value === 'object')
    return JSON.stringify(value, (_, v) => (typeof v === 'bigint' ? String(v) : v))
  return String(value)
}

const numbersOf = (values: readonly unknown[]): number[] =>
  values.filter((v): v is number => typeof v === 'number' && Number.isFinite(v))

/**
 * An array in one line: its elements when there are few, else its length, extremes and what is not a number.
 */
export function formatArray(values: readonly unknown[], field?: Shown): string {
  if (values.length <= 6) return `[${values.map(v => formatScalar(v, field)).join(', ')}]`
  const numbers = numbersOf(values)
  if (numbers.length === 0)
    return `[${values
      .slice(0, 6)
      .map(v => formatScalar(v, field))
      .join(', ')}, …]`
  const low = formatScalar(Math.min(...numbers), field)
  const high = formatScalar(Math.max(...numbers), field)
  const odd = values.length - numbers.length
  return `${low} … ${high}${odd > 0 ? `, ${odd} not finite` : ''}`
}

/** Units as shown beside a value; nothing where a stamp is already a time of day. */
export const unitsText = (value: unknown, field: Shown | undefined): string =>
  field === undefined || (typeof value === 'number' && isStamp(field, value)) ? '' : field.units
