import { filtersOf, type Pattern } from './pattern.ts'

const MAX_FILTERS = 64

/**
 * Patterns as NATS filters of which no two overlap: a consumer takes no others. They may select more than the
 * patterns, and are empty, which stands for everything, where they would be more than 64; so many patterns cost
 * no more than to hold each against 64.
 */
export function disjointFilters(patterns: readonly Pattern[]): readonly string[] {
  return mergeUpTo(
    MAX_FILTERS,
    patterns.flatMap(pattern => filtersOf(pattern))
  )
}

/**
 * NATS filters of which no two overlap, sorted, that select every subject that one of `filters` selects. One
 * inside another is left out; two that overlap in part become one that is wider than both.
 */
export const mergeFilters = (filters: readonly string[]): readonly string[] =>
  mergeUpTo(Number.POSITIVE_INFINITY, filters)

/** None where they would be more than `most`. */
function mergeUpTo(most: number, filters: readonly string[]): readonly string[] {
  const split = [...new Set(filters)].map(filter => filter.split('.'))
  const wide: string[][] = []
  // The widest first: most others are inside one of them.
  for (const tokens of split.filter(isWide).sort((a, b) => countNamed(a) - countNamed(b))) {
    joinInto(wide, tokens)
    if (wide.length > most) return []
  }
  const merged = [...wide]
  for (const tokens of split) {
    if (isWide(tokens) || wide.some(filter => overlap(filter, tokens))) continue
    merged.push(tokens)
    if (merged.length > most) return []
  }
  return merged.map(tokens => tokens.join('.')).sort()
}

const isWide = (tokens: readonly string[]): boolean => tokens.includes('*') || tokens.at(-1) === '>'

const countNamed = (tokens: readonly string[]): number =>
  tokens.filter(token => token !== '*' && token !== '>').length

/** Adds a filter to others, joined with all that it overlaps; the joined one may overlap more of them. */
function joinInto(filters: string[][], added: string[]): void {
  let joined = added
  const meets = (filter: readonly string[]): boolean => overlap(filter, joined)
  for (let at = filters.findIndex(meets); at >= 0; at = filters.findIndex(meets))
    for (const met of filters.splice(at, 1)) joined = joinOf(met, joined)
  filters.push(joined)
}

/** The narrowest filter that selects what either of two overlapping ones selects. */
function joinOf(a: readonly string[], b: readonly string[]): string[] {
  const joined: string[] = []
  for (const [i, token] of a.entries()) {
    if (token === '>' || b[i] === '>') return [...joined, '>']
    joined.push(token === b[i] ? token : '*')
  }
  return joined
}

/** Whether a subject could be under both. */
function overlap(a: readonly string[], b: readonly string[]): boolean {
  for (let i = 0; ; i++) {
    const x = a[i]
    const y = b[i]
    if (x === undefined || y === undefined) return x === y
    if (x === '>' || y === '>') return true
    if (x !== y && x !== '*' && y !== '*') return false
  }
}
