import type { Values } from './outlet.ts'

/** Writes `count` elements of an array field in place; the array is allocated at the first call. */
export function fillArray(
  values: Values,
  name: string,
  count: number,
  elementOf: (i: number) => number
): void {
  const array = numbersIn(values, name, count)
  for (let i = 0; i < count; i++) array[i] = elementOf(i)
}

/** Returns the array of a field, allocated when there is none of this length. */
export function numbersIn(values: Values, name: string, count: number): number[] {
  const known = values[name]
  if (Array.isArray(known) && known.length === count) return known
  const array = new Array<number>(count).fill(0)
  values[name] = array
  return array
}
