import { parseExactJson as parseExact } from '@meridian/msgpack'

/** A number of a JSON text that no double holds: too large, or so small that it would become 0. */
export class OutOfRangeNumber {
  readonly text: string

  constructor(text: string) {
    this.text = text
  }
}

const options = { outOfRange: (text: string): OutOfRangeNumber => new OutOfRangeNumber(text) } as const

/**
 * JSON.parse for texts whose numbers must not change: an integer beyond 2^53 becomes a bigint, and a number
 * that no double holds an OutOfRangeNumber, for the caller to refuse. Fractions are rounded to the nearest
 * double, as everywhere. What is nested in thousands of levels comes as JSON.parse gives it. Throws a
 * SyntaxError.
 */
export function parseExactJson(text: string): unknown {
  try {
    return parseExact(text, options)
  } catch (caught) {
    if (caught instanceof RangeError) return JSON.parse(text)
    throw caught
  }
}

/**
 * JSON.stringify whose numbers are read again as what they are: a bigint has all its digits, a double beyond
 * 2^53 an exponent, so that it is taken for no integer, and -0 is `-0.0`, of which Python too makes -0.
 */
export function exactJsonOf(value: unknown): string {
  if (typeof value === 'bigint') return String(value)
  if (Object.is(value, -0)) return '-0.0'
  if (Number.isInteger(value) && !Number.isSafeInteger(value)) return (value as number).toExponential()
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? 'null'
  if (Array.isArray(value)) return `[${value.map(exactJsonOf)}]`
  const properties = Object.entries(value).filter(([, inner]) => inner !== undefined)
  return `{${properties.map(([key, inner]) => `${JSON.stringify(key)}:${exactJsonOf(inner)}`)}}`
}
