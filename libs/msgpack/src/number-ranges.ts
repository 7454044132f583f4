/** Least and greatest value of a type. */
type IntegerRange = readonly [least: bigint, most: bigint]

/** Least and greatest value of each integer type, by SAL's name of the type [docs/sal.md#field-types]. */
export const integerRanges = {
  // SAL writes a byte as an Avro int; both readings of it are in use.
  byte: [-128n, 255n],
  short: [-32_768n, 32_767n],
  int: [-2_147_483_648n, 2_147_483_647n],
  long: [-2_147_483_648n, 2_147_483_647n],
  'unsigned short': [0n, 65_535n],
  'unsigned int': [0n, 4_294_967_295n],
  'long long': [-(2n ** 63n), 2n ** 63n - 1n],
  int64: [-(2n ** 63n), 2n ** 63n - 1n]
} as const satisfies Readonly<Record<string, IntegerRange>>

/** The same table, to be asked for any type: those without integers are not in it. */
export const INTEGER_RANGES: Readonly<Record<string, IntegerRange>> = { ...integerRanges }

/** The least number that becomes infinite as a float; what lies below is rounded to the largest float. */
const BEYOND_FLOAT = 2 ** 128 - 2 ** 103

/** Whether a finite number would become infinite as a `float`; true of 3.5e38, false of 3.4028235e38. */
export const isBeyondFloat = (real: number): boolean =>
  (real >= BEYOND_FLOAT || real <= -BEYOND_FLOAT) && Number.isFinite(real)
