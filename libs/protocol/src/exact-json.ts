import { findUnsafe } from './unsafe-value.ts'

/** A number of a JSON text that no double holds: too large, or so small that it would become 0. */
export class OutOfRangeNumber {
  readonly text: string

  constructor(text: string) {
    this.text = text
  }
}

/**
 * JSON.parse for texts whose numbers must not change: an integer beyond 2^53 becomes a bigint, and a number
 * that no double holds an OutOfRangeNumber, for the caller to refuse. Fractions are rounded to the nearest
 * double, as everywhere. What is nested beyond 500 levels comes as JSON.parse gives it. Throws a SyntaxError.
 */
export function parseExactJson(text: string): unknown {
  const value: unknown = JSON.parse(text)
  if (!SUSPECT.test(text) || !text.match(TOKEN)?.some(isAltered)) return value
  if (findUnsafe(value, MAX_LEVELS) === TOO_DEEP) return value
  const mark = markMissingIn(text)
  const marked = text.replace(TOKEN, token => (isAltered(token) ? `"${mark}${token}"` : token))
  return JSON.parse(marked, (_key, inner: unknown) =>
    typeof inner === 'string' && inner.startsWith(mark) ? exactOf(inner.slice(mark.length)) : inner
  )
}

/** JSON.stringify that writes a bigint with all its digits. */
export function exactJsonOf(value: unknown): string {
  if (typeof value === 'bigint') return String(value)
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? 'null'
  if (Array.isArray(value)) return `[${value.map(exactJsonOf).join(',')}]`
  const properties = Object.entries(value).filter(([, inner]) => inner !== undefined)
  return `{${properties.map(([key, inner]) => `${JSON.stringify(key)}:${exactJsonOf(inner)}`).join(',')}}`
}

const MAX_LEVELS = 500
const TOO_DEEP = 'nested too deeply'
/** Digits beyond those of 2^53, or an exponent: without either, no number of the text can be altered. */
const SUSPECT = /\d{16}|\d[eE]/
/** The texts and numbers of a valid JSON text. */
const TOKEN = /"[^"\\]*(?:\\.[^"\\]*)*"|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/g
const INTEGER = /^-?\d+$/
/** A digit of the mantissa that is not 0. */
const NOT_ZERO = /^[-0.]*[1-9]/

function isAltered(token: string): boolean {
  if (token.startsWith('"')) return false
  const value = Number(token)
  if (INTEGER.test(token)) return !Number.isSafeInteger(value)
  return !Number.isFinite(value) || (value === 0 && NOT_ZERO.test(token))
}

const exactOf = (token: string): bigint | OutOfRangeNumber =>
  INTEGER.test(token) ? BigInt(token) : new OutOfRangeNumber(token)

/** Text that no string of the JSON text begins with, however its characters are escaped. */
function markMissingIn(text: string): string {
  const plain = text.replaceAll('\\u0023', '#')
  let mark = '#'
  while (plain.includes(mark)) mark += '#'
  return mark
}
