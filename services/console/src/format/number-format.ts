/** What decides how the numbers of a field are written. */
export interface NumberTraits {
  /** SAL's name of the type; anything else is typed by what it sends. */
  readonly type: string
  readonly units: string
}

/**
 * How the numbers of one field are written: always with the same decimals, so that a column of changing
 * values stands still. It learns the magnitude from the numbers that it writes: more digits before the point
 * mean fewer after it at once, fewer digits only after `PATIENCE` smaller numbers.
 */
export interface NumberFormat {
  text(value: number): string
}

/** Digits that a floating point number shows when its units name no resolution. */
const SIGNIFICANT = 6
const LEAST_DECIMALS = 2
/** Different numbers in a row, each less than a tenth of what the field showed before, until it is believed. */
const PATIENCE = 60
/** Without a resolution, magnitudes from here on and below are written with an exponent: powers of ten. */
const HUGE = 12
const TINY = -5
/** Decimals beside an exponent. */
const MANTISSA = 4
/** From here on a double no longer tells neighbouring integers apart: a power of ten. */
const LAST_WHOLE = 15

const WHOLE = /^(byte|short|int|long|long long|unsigned short|unsigned int|int64)$/
const FLOATING = /^(float|double)$/

/** Decimals of a unit beyond which instruments of an observatory deliver noise: it is shown as 0. */
const RESOLUTIONS: Readonly<Record<string, number>> = {
  '°C': 3,
  '%': 3,
  deg: 4,
  'deg/s': 4,
  'deg/s²': 4,
  'deg/s³': 4,
  arcsec: 3,
  'arcsec/s': 4,
  rpm: 2,
  N: 3,
  'N m': 3,
  VA: 2
}

/** Power of ten of a number's first digit; undefined for 0, which has none. */
const magnitudeOf = (value: number): number | undefined =>
  value === 0 ? undefined : Math.floor(Math.log10(Math.abs(value)))

/** `-0.0000` says no more than `0.0000`. */
const unsigned = (text: string): string => (text.startsWith('-') && Number(text) === 0 ? text.slice(1) : text)

/** Follows the magnitude of a field: up at once, down with patience. */
function createMagnitude() {
  let held: number | undefined
  let smaller = 0
  let largestOfSmaller = Number.NEGATIVE_INFINITY
  let last: number | undefined
  const hold = (magnitude: number): void => {
    held = magnitude
    smaller = 0
    largestOfSmaller = Number.NEGATIVE_INFINITY
  }
  return (value: number): number | undefined => {
    const magnitude = magnitudeOf(value)
    if (value === last || magnitude === undefined) return held
    last = value
    if (held === undefined || magnitude >= held - 1) {
      if (held === undefined || magnitude > held) hold(magnitude)
      else smaller = 0
      return held
    }
    largestOfSmaller = Math.max(largestOfSmaller, magnitude)
    if (++smaller >= PATIENCE) hold(largestOfSmaller)
    return held
  }
}

function decimalText(value: number, magnitude: number, resolution: number | undefined): string {
  const needsExponent = magnitude >= HUGE || (magnitude <= TINY && resolution === undefined)
  if (needsExponent) return value === 0 ? '0' : value.toExponential(MANTISSA)
  const wanted = Math.max(LEAST_DECIMALS, SIGNIFICANT - 1 - magnitude)
  return unsigned(value.toFixed(Math.min(wanted, resolution ?? SIGNIFICANT - 1 - TINY)))
}

/** Creates the format of one field; without traits it is typed by its numbers. */
export function createNumberFormat(traits?: NumberTraits): NumberFormat {
  const isWhole = WHOLE.test(traits?.type ?? '')
  const resolution = RESOLUTIONS[traits?.units ?? '']
  const magnitudeAfter = createMagnitude()
  let hasDecimals = FLOATING.test(traits?.type ?? '')
  return {
    text(value) {
      if (!Number.isFinite(value)) return String(value)
      if (isWhole) return unsigned(String(value))
      const magnitude = magnitudeAfter(value) ?? 1
      hasDecimals ||= !Number.isInteger(value) || magnitude > LAST_WHOLE
      return hasDecimals ? decimalText(value, magnitude, resolution) : unsigned(String(value))
    }
  }
}

/** A lone number with the digits of its own magnitude; `traits` as far as they are known. */
export const formatNumber = (value: number, traits?: NumberTraits): string =>
  createNumberFormat(traits).text(value)
