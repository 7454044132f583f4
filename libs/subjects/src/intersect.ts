import { exactFiltersOf, type Pattern, splitPattern } from './pattern.ts'

/**
 * What falls under both patterns, as patterns of which none is inside another; empty where no subject can. The
 * text of the first where the second holds all of it.
 */
export function intersect(a: Pattern, b: Pattern): readonly string[] {
  const met = exactFiltersOf(a).flatMap(one => exactFiltersOf(b).flatMap(other => meet(one, other) ?? []))
  return withoutInner(met)
}

/**
 * Patterns without repetitions, and without those of which another one holds everything; the others in their
 * order.
 */
export function withoutInner(patterns: readonly string[]): readonly string[] {
  const distinct = [...new Set(patterns)].map(splitPattern)
  return distinct
    .filter(inner => !distinct.some(outer => outer !== inner && holds(outer, inner)))
    .map(({ text }) => text)
}

/** Whether everything that falls under one pattern falls under another. */
const holds = (outer: Pattern, inner: Pattern): boolean =>
  exactFiltersOf(inner).every(filter => exactFiltersOf(outer).some(wide => meet(wide, filter) === filter))

/** The filter of what two NATS filters have in common; undefined for nothing. */
const meet = (a: string, b: string): string | undefined => meetTokens(a.split('.'), b.split('.'))?.join('.')

function meetTokens(a: readonly string[], b: readonly string[]): readonly string[] | undefined {
  const [x, ...restOfA] = a
  const [y, ...restOfB] = b
  if (x === undefined || y === undefined) return x === y ? [] : undefined
  if (x === '>') return b
  if (y === '>') return a
  if (x !== y && x !== '*' && y !== '*') return undefined
  const rest = meetTokens(restOfA, restOfB)
  return rest && [x === '*' ? y : x, ...rest]
}
