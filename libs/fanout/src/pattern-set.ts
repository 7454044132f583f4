import { matches, type Pattern } from '@meridian/subjects'
import { EVERY_MESSAGE, type Interest } from './live-topic.ts'
import { type SubscribedPattern, type SubscribedPatterns, wantsEvery } from './subscribed-pattern.ts'

/** How often and with which fields a topic is wanted. */
export type Wants = Pick<Interest, 'periodTicks' | 'isMinMax' | 'projection'>

/**
 * The patterns of one view. However many ask for the same text, it is matched once, and what several texts
 * want of a topic together is worked out once.
 */
export interface PatternSet {
  /** The same for equal sets. */
  readonly key: string
  /** The texts of its patterns, each once, whatever quality and fields they come with. */
  readonly texts: readonly Pattern[]
  readonly size: number
  readonly isProjecting: boolean
  some(test: (pattern: SubscribedPattern) => boolean): boolean
  /** What the patterns with these texts want together; they are all its own. */
  wantsOf(texts: readonly Pattern[]): Wants
  /** The same of texts of which some may be others'; undefined: none is its own. */
  wantsOfAny(texts: readonly Pattern[]): Wants | undefined
  /** What the patterns that match a subject want together; undefined: none does. */
  wantsOfSubject(subject: string): Wants | undefined
}

/** What these patterns ask for together; a pattern that stands several times in the list counts once. */
export function createPatternSet(
  list: readonly SubscribedPattern[],
  patterns: SubscribedPatterns
): PatternSet {
  const distinct = [...new Set(list)].sort((a, b) => a.number - b.number)
  const groups = groupByText(distinct)
  const texts = [...groups.values()].map(({ pattern }) => pattern)
  const known = new Map<string, Wants>()
  const wantsOf = (matching: readonly Pattern[]): Wants => {
    const own = matching.flatMap(({ text }) => groups.get(text) ?? [])
    const key = own.map(({ mark }) => mark).join(' ')
    let wants = known.get(key)
    if (wants === undefined) {
      wants = joinWants(
        own.flatMap(group => group.patterns),
        patterns
      )
      known.set(key, wants)
    }
    return wants
  }
  const wantsOfAny = (some: readonly Pattern[]): Wants | undefined => {
    const own = some.filter(({ text }) => groups.has(text))
    return own.length === 0 ? undefined : wantsOf(own)
  }
  return {
    key: distinct.map(({ number }) => number.toString(36)).join(' '),
    texts,
    size: distinct.length,
    isProjecting: distinct.some(({ projection }) => projection !== undefined),
    some: test => distinct.some(test),
    wantsOf,
    wantsOfAny,
    wantsOfSubject: subject => wantsOfAny(texts.filter(pattern => matches(pattern, subject)))
  }
}

/** The patterns of one set that have the same text. */
interface SameText {
  /** Its own among those of the set: combinations are told apart by these, which are shorter than texts. */
  readonly mark: string
  readonly pattern: Pattern
  readonly patterns: SubscribedPattern[]
}

function groupByText(distinct: readonly SubscribedPattern[]): ReadonlyMap<string, SameText> {
  const groups = new Map<string, SameText>()
  for (const one of distinct) {
    const { pattern } = one
    const group = groups.get(pattern.text)
    if (group === undefined)
      groups.set(pattern.text, { mark: groups.size.toString(36), pattern, patterns: [one] })
    else group.patterns.push(one)
  }
  return groups
}

/**
 * The wants of several patterns as one: every message if any wants it, else the highest rate, with extremes if
 * any wants those; all fields if any wants all.
 */
const joinWants = (matching: readonly SubscribedPattern[], patterns: SubscribedPatterns): Wants => ({
  isMinMax: !matching.some(wantsEvery) && matching.some(({ isMinMax }) => isMinMax),
  periodTicks: matching.some(wantsEvery)
    ? EVERY_MESSAGE
    : matching.reduce((least, { periodTicks }) => Math.min(least, periodTicks), Number.POSITIVE_INFINITY),
  projection: patterns.union(matching)
})
