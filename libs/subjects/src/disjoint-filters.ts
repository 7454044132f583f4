import { filtersOf, type Pattern } from './pattern.ts'

const MAX_FILTERS = 64

/**
 * Patterns as NATS filters of which no two overlap: a consumer takes no others. Empty, which stands for
 * everything, where they would overlap or be more than 64.
 */
export function disjointFilters(patterns: readonly Pattern[]): readonly string[] {
  const filters = [...new Set(patterns.flatMap(pattern => filtersOf(pattern)))]
  if (filters.length > MAX_FILTERS) return []
  const needed = filters.filter(f => !filters.some(other => other !== f && covers(other, f)))
  const overlaps = needed.some((a, i) => needed.some((b, j) => j > i && overlap(a.split('.'), b.split('.'))))
  return overlaps ? [] : needed.sort()
}

/** Whether every subject under `narrow` is under `wide`. */
function covers(wide: string, narrow: string): boolean {
  const outer = wide.split('.')
  const inner = narrow.split('.')
  for (const [i, token] of outer.entries()) {
    if (token === '>') return i < inner.length
    const same = inner[i]
    if (same === undefined || same === '>' || (token !== '*' && token !== same)) return false
  }
  return outer.length === inner.length
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
