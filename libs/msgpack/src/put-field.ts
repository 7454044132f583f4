import type { Put } from './byte-writer.ts'
import type { SalType } from './field-spec.ts'
import { integerRanges, isBeyondFloat } from './number-ranges.ts'
import { putBigInt, putDouble, putInteger } from './put-number.ts'
import { putText } from './put-text.ts'

const NUMBER_WORDS: Readonly<Record<string, number | undefined>> = {
  NaN: Number.NaN,
  Infinity: Number.POSITIVE_INFINITY,
  '-Infinity': Number.NEGATIVE_INFINITY
}

/**
 * A number, or what JSON says for one that it cannot carry: "NaN", "Infinity", "-Infinity"; else undefined.
 */
export function realOf(value: unknown): number | undefined {
  if (typeof value === 'number') return value
  if (typeof value === 'string') return Object.hasOwn(NUMBER_WORDS, value) ? NUMBER_WORDS[value] : undefined
  return typeof value === 'bigint' ? Number(value) : undefined
}

const putDoubleField: Put = (w, at, value) => {
  const real = realOf(value)
  return real === undefined ? -1 : putDouble(w.bytes, at, real)
}

const putFloat: Put = (w, at, value) => {
  const real = realOf(value)
  if (real === undefined || isBeyondFloat(real)) return -1
  w.bytes[at] = 0xca
  w.view.setFloat32(at + 1, real)
  return at + 5
}

const putBoolean: Put = (w, at, value) => {
  if (typeof value !== 'boolean') return -1
  w.bytes[at] = value ? 0xc3 : 0xc2
  return at + 1
}

function putIntegerOf(range: readonly [bigint, bigint]): Put {
  const least = Number(range[0])
  const most = Number(range[1])
  return (w, at, value) =>
    typeof value === 'number' && Number.isInteger(value) && value >= least && value <= most
      ? putInteger(w.bytes, at, value)
      : -1
}

const [LEAST_INT64, MOST_INT64] = integerRanges.int64
const DIGITS = /^-?\d{1,19}$/

/** A number, a bigint, or digits as text, which is how JSON carries what is beyond 2^53. */
const putInt64: Put = (w, at, value) => {
  if (typeof value === 'number' && Number.isSafeInteger(value)) return putInteger(w.bytes, at, value)
  if (typeof value === 'number' && !Number.isInteger(value)) return -1
  if (typeof value === 'string' && !DIGITS.test(value)) return -1
  if (typeof value !== 'number' && typeof value !== 'bigint' && typeof value !== 'string') return -1
  const whole = BigInt(value)
  return whole < LEAST_INT64 || whole > MOST_INT64 ? -1 : putBigInt(w.bytes, at, whole)
}

/**
 * How one value of each type is put: a float as `ca`, a double as `cb`, an integer in its smallest form; at
 * most nine bytes but for text.
 */
export const putOfType: Readonly<Record<SalType, Put>> = {
  boolean: putBoolean,
  byte: putIntegerOf(integerRanges.byte),
  short: putIntegerOf(integerRanges.short),
  int: putIntegerOf(integerRanges.int),
  long: putIntegerOf(integerRanges.long),
  'long long': putInt64,
  'unsigned short': putIntegerOf(integerRanges['unsigned short']),
  'unsigned int': putIntegerOf(integerRanges['unsigned int']),
  float: putFloat,
  double: putDoubleField,
  string: putText,
  int64: putInt64
}
