import { CONDITIONS, type Condition } from './condition.ts'

/** How many instances are in each condition. */
export function countConditions(conditions: Iterable<Condition>): Readonly<Record<Condition, number>> {
  const counts = Object.fromEntries(CONDITIONS.map(c => [c, 0])) as Record<Condition, number>
  for (const condition of conditions) counts[condition] += 1
  return counts
}
