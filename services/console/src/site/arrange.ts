import { type Condition, urgencyOf } from './condition.ts'

/** What arranging needs to know of an instance. */
export interface Arrangeable {
  readonly id: string
  readonly csc: string
  readonly index: number
}

/** What a person asked to see. */
export interface OverviewFilter {
  readonly search: string
  /** Conditions that are shown; none stands for all. */
  readonly conditions: ReadonlySet<Condition>
  readonly problemsFirst: boolean
}

/** By what items are put below headings and in which order. */
export interface Arrangement<T> {
  readonly conditionOf: (item: T) => Condition
  readonly subsystemOf: (item: T) => string
  /** All headings, in their order. */
  readonly headings: readonly string[]
}

/** A heading of the overview and what stands below it, in order. */
export interface Section<T> {
  readonly subsystem: string
  readonly items: readonly T[]
}

const byName = (a: Arrangeable, b: Arrangeable): number =>
  a.csc.localeCompare(b.csc, 'en', { sensitivity: 'variant' }) || a.index - b.index

/** True when every word of the search occurs in the name. */
export function matchesSearch(id: string, search: string): boolean {
  const name = id.toLowerCase()
  return search
    .toLowerCase()
    .split(/\s+/)
    .every(word => name.includes(word))
}

/**
 * The sections of the overview. Places are fixed, so that eyes learn them; only `problemsFirst` moves the
 * urgent ones to the front, of their section and of the page.
 */
export function arrange<T extends Arrangeable>(
  items: readonly T[],
  { conditionOf, subsystemOf, headings }: Arrangement<T>,
  filter: OverviewFilter
): ReadonlyArray<Section<T>> {
  const wanted = items.filter(
    item =>
      matchesSearch(item.id, filter.search) &&
      (filter.conditions.size === 0 || filter.conditions.has(conditionOf(item)))
  )
  const urgency = (item: T): number => (filter.problemsFirst ? urgencyOf(conditionOf(item)) : 0)
  const sections = headings
    .map(subsystem => ({
      subsystem,
      items: wanted
        .filter(item => subsystemOf(item) === subsystem)
        .sort((a, b) => urgency(a) - urgency(b) || byName(a, b))
    }))
    .filter(section => section.items.length > 0)
  const first = (section: Section<T>): number => urgency(section.items[0] as T)
  return filter.problemsFirst ? sections.sort((a, b) => first(a) - first(b)) : sections
}
