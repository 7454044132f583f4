/** What to make of numbers that JSON.parse would alter or refuse. */
export interface ExactJsonOptions {
  /**
   * The value for a number that no double holds: one that would become infinite, or 0 without being 0. Its
   * text is given.
   */
  readonly outOfRange: (text: string) => unknown
  /** Whether the bare words `NaN`, `Infinity` and `-Infinity` are numbers, as Python writes them. */
  readonly words?: boolean
}

/**
 * JSON.parse for texts whose numbers must arrive as they were written: an integer beyond 2^53 becomes a
 * bigint. Fractions are rounded to the nearest double, as everywhere. A text without such numbers costs a
 * search more than JSON.parse. Throws a SyntaxError, or a RangeError on thousands of levels.
 */
export function parseExactJson(text: string, { outOfRange, words = false }: ExactJsonOptions): unknown {
  if (!(words ? SUSPECT_OR_WORD : SUSPECT).test(text)) return JSON.parse(text)
  let mark: string | undefined
  const marked = text.replace(words ? TOKEN_OR_WORD : TOKEN, (token, at: number) => {
    if (!isAltered(token) || isKey(text, at + token.length)) return token
    mark ??= markMissingIn(text)
    return `"${mark}${token}"`
  })
  const start = mark
  if (start === undefined) return JSON.parse(text)
  return JSON.parse(marked, (_key, value: unknown) =>
    typeof value === 'string' && value.startsWith(start)
      ? exactOf(value.slice(start.length), outOfRange)
      : value
  )
}

/**
 * Sixteen digits in front of a point, an exponent of three, or many zeros behind a point: without one of them,
 * no number is altered.
 */
const SUSPECT = /(?<![.\d])\d{16}|\d[eE][+-]?\d{3}|\.0{200}/
const SUSPECT_OR_WORD = new RegExp(`${SUSPECT.source}|NaN|Infinity`)
/** The texts and numbers of JSON. */
const TOKEN = /"[^"\\]*(?:\\.[^"\\]*)*"|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/g
const TOKEN_OR_WORD = new RegExp(`${TOKEN.source}|NaN|-?Infinity`, 'g')
const COLON = /\s*:/y
const INTEGER = /^-?\d+$/
const WORD = /^(?:NaN|-?Infinity)$/
/** A digit of the mantissa that is not 0. */
const NOT_ZERO = /^[-0.]*[1-9]/

function isAltered(token: string): boolean {
  if (token.startsWith('"')) return false
  const value = Number(token)
  if (INTEGER.test(token)) return !Number.isSafeInteger(value)
  return !Number.isFinite(value) || (value === 0 && NOT_ZERO.test(token))
}

/** Whether a colon follows: a key is a text, and a number in its place is an error that must stay one. */
function isKey(text: string, from: number): boolean {
  COLON.lastIndex = from
  return COLON.test(text)
}

function exactOf(token: string, outOfRange: ExactJsonOptions['outOfRange']): unknown {
  if (INTEGER.test(token)) return wholeOf(token)
  return WORD.test(token) ? Number(token) : outOfRange(token)
}

/** Beyond 64 bits a number is what it was to JavaScript where that writes it so: 1e20 with twenty zeros. */
function wholeOf(token: string): bigint | number {
  const value = Number(token)
  const whole = BigInt(token)
  return (whole >= 2n ** 64n || whole < -(2n ** 63n)) && String(value) === token ? value : whole
}

/** Text that no string of the JSON text begins with, however its characters are escaped. */
function markMissingIn(text: string): string {
  const plain = text.replaceAll('\\u0023', '#')
  let mark = '#'
  while (plain.includes(mark)) mark += '#'
  return mark
}
