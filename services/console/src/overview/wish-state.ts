import { signal } from '@preact/signals'
import type { Wish } from '../site/arrange.ts'
import type { Condition } from '../site/condition.ts'

/** What the overview shows; kept while other pages are visited. */
export const wish = signal<Wish>({ search: '', conditions: new Set(), problemsFirst: false })

/** Changes a part of the wish. */
export function wishFor(part: Partial<Wish>): void {
  wish.value = { ...wish.peek(), ...part }
}

/** Adds a condition to the filter or takes it out. */
export function toggleCondition(condition: Condition): void {
  const conditions = new Set(wish.peek().conditions)
  if (!conditions.delete(condition)) conditions.add(condition)
  wishFor({ conditions })
}

/** Shows everything again. */
export function clearWish(): void {
  wishFor({ search: '', conditions: new Set() })
}
