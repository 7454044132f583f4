import { filtersOf, type Pattern } from './pattern.ts'

const MAX_FILTERS = 64

/**
 * Patterns as NATS filters of which no two overlap: a consumer takes no others. They may select more than the
 * patterns, and are empty, which stands for everything, where they would be more than 64.
 */
export function disjointFilters(patterns: readonly Pattern[]): readonly string[] {
  const filters = mergeFilters(patterns.flatMap(pattern => filtersOf(pattern)))
  return filters.length > MAX_FILTERS ? [] : filters
}

/**
 * NATS filters of which no two overlap, sorted, that select every subject that one of `filters` selects. One
 * inside another is left out; two that overlap in part become one that is wider than both.
 */
export function mergeFilters(filters: readonly string[]): readonly string[] {
  const plain = new Set<string>()
  let wide: readonly string[][] = []
  for (const filter of new Set(filters)) {
    const tokens = filter.split('.')
    if (tokens.includes('*') || tokens.at(-1) === '>') wide = joinInto(wide, tokens)
    else plain.add(filter)
  }
  const outside = [...plain].filter(subject => !wide.some(filter => overlap(filter, subject.split('.'))))
  return [...wide.map(tokens => tokens.join('.')), ...outside].sort()
}

/** Adds a filter to others, joined with all that it overlaps; the joined one may overlap more of them. */
function joinInto(filters: readonly string[][], added: string[]): readonly string[][] {
  const met = filters.find(filter => overlap(filter, added))
  if (met === undefined) return [...filters, added]
  return joinInto(
    filters.filter(filter => filter !== met),
    joinOf(met, added)
  )
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
