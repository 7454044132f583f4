import { signal } from '@preact/signals'
import type { OverviewFilter } from '../site/arrange.ts'
import type { Condition } from '../site/condition.ts'

/** What the overview shows; kept while other pages are visited. */
export const filter = signal<OverviewFilter>({ search: '', conditions: new Set(), problemsFirst: false })

/** Changes a part of the filter. */
export function filterBy(part: Partial<OverviewFilter>): void {
  filter.value = { ...filter.peek(), ...part }
}

/** Adds a condition to the filter or takes it out. */
export function toggleCondition(condition: Condition): void {
  const conditions = new Set(filter.peek().conditions)
  if (!conditions.delete(condition)) conditions.add(condition)
  filterBy({ conditions })
}

/** Shows every instance again; the order stays as it was chosen. */
export function clearFilter(): void {
  filterBy({ search: '', conditions: new Set() })
}
