/** The member of `fields` in which quality `minmax` puts the extremes; no field of SAL has this name. */
export const MINMAX_FIELD = '$minmax'

/** An extreme of one field, or of each element of an array; null where no number was among the values but NaN. */
export type Extreme = number | null | readonly (number | null)[]

/**
 * What the messages of one bucket had besides the last one, which is the record itself: the extremes of each
 * field that is a number or an array of numbers.
 */
export interface MinMax {
  /** TAI seconds by the source's clock at which the first of them was sent. */
  readonly from: number
  /** Messages that the bucket stands for. */
  readonly count: number
  readonly min: Readonly<Record<string, Extreme>>
  readonly max: Readonly<Record<string, Extreme>>
}

/**
 * The extremes among the fields of a data record, whichever codec they came in; undefined where it has none:
 * last values, and records of other qualities.
 */
export function readMinMax(fields: Readonly<Record<string, unknown>>): MinMax | undefined {
  const found = fields[MINMAX_FIELD] as MinMax | undefined
  if (typeof found !== 'object' || found === null) return undefined
  const { from, count, min, max } = found
  return { from, count, min: numbersOf(min), max: numbersOf(max) }
}

const numbersOf = (all: MinMax['min']): MinMax['min'] =>
  Object.fromEntries(
    Object.entries(all).map(([name, extreme]) => [
      name,
      Array.isArray(extreme) ? extreme.map(numberOf) : numberOf(extreme)
    ])
  )

/** JSON has infinities as text. */
const numberOf = (extreme: unknown): number | null => (extreme === null ? null : Number(extreme))
