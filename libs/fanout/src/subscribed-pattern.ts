import { createProjection, type Projection } from '@meridian/msgpack'
import type { PatternRequest } from '@meridian/protocol/live'
import { defaultQualityOf, type Pattern, parsePattern } from '@meridian/subjects'
import { EVERY_MESSAGE } from './live-topic.ts'

/** Time from one telemetry tick to the next; rates of `latest` are whole numbers of ticks. */
export const TICK_MS = 50

/** Rate of `latest` and `minmax` where none was asked for, per second. */
const DEFAULT_RATE = 10

/** A pattern as somebody subscribes to it, with every default filled in. Equal ones are the same object. */
export interface SubscribedPattern {
  /** Its own, never used again: sets of patterns are told apart by these. */
  readonly number: number
  readonly pattern: Pattern
  /** EVERY_MESSAGE, or ticks of at least 50 ms from one last value to the next. */
  readonly periodTicks: number
  /** The extremes of each period are wanted besides its last value. */
  readonly isMinMax: boolean
  /** The chosen fields; undefined: all. */
  readonly projection: Projection | undefined
}

/** What a pattern was asked for with: the quality, its rate per second where it has one, and the chosen fields. */
export const askedFor = ({ pattern, isMinMax, periodTicks, projection }: SubscribedPattern) => ({
  pattern: pattern.text,
  ...(periodTicks === EVERY_MESSAGE
    ? { quality: 'all' as const }
    : { quality: isMinMax ? ('minmax' as const) : ('latest' as const), rate: 1000 / TICK_MS / periodTicks }),
  ...(projection !== undefined && { fields: projection.names })
})

/** Reads patterns as asked for and keeps each distinct one once, with the projections they share. */
export interface SubscribedPatterns {
  /** The pattern with every default filled in. Throws WIR_BAD_PATTERN where the text is none. */
  of(asked: PatternRequest): SubscribedPattern
  /** The projection of all the fields of several; undefined when one of them wants all. */
  union(patterns: readonly SubscribedPattern[]): Projection | undefined
}

/** Whether every message is wanted, not the last value at some rate. */
export const wantsEvery = (wants: { readonly periodTicks: number }): boolean =>
  wants.periodTicks === EVERY_MESSAGE

/** An empty table. It holds patterns weakly: what nobody uses any more is forgotten. */
export function createSubscribedPatterns(): SubscribedPatterns {
  const patterns = createWeakTable<SubscribedPattern>()
  let made = 0
  const projections = createWeakTable<Projection>()
  const projectionOf = (names: readonly string[]): Projection =>
    projections.of(names.join('\n'), () => createProjection(names))

  return {
    of(asked) {
      const pattern = parsePattern(asked.pattern)
      const quality = asked.quality ?? defaultQualityOf(pattern.text)
      const all = quality === 'all'
      const rate = asked.rate ?? DEFAULT_RATE
      const names = asked.fields === undefined ? undefined : [...new Set(asked.fields)].sort()
      const how = all ? quality : `${quality} ${rate}`
      const key = `${pattern.text} ${how} ${names === undefined ? '' : JSON.stringify(names)}`
      return patterns.of(key, () => ({
        number: ++made,
        pattern,
        isMinMax: quality === 'minmax',
        periodTicks: all ? EVERY_MESSAGE : Math.round(1000 / rate / TICK_MS),
        projection: names === undefined ? undefined : projectionOf(names)
      }))
    },
    union(list) {
      const [first] = list
      if (list.length === 1) return first?.projection
      const names = new Set<string>()
      for (const { projection } of list) {
        if (projection === undefined) return undefined
        for (const name of projection.names) names.add(name)
      }
      return projectionOf([...names].sort())
    }
  }
}

/** Objects by key for as long as somebody else holds them. */
interface WeakTable<T extends object> {
  of(key: string, make: () => T): T
}

const SWEEP_AT = 10_000

/**
 * The walk over all keys comes when they have doubled since the last: a table full of what is in use must not
 * be walked for each new one.
 */
function createWeakTable<T extends object>(): WeakTable<T> {
  const held = new Map<string, WeakRef<T>>()
  let sweepAt = SWEEP_AT
  const sweep = (): void => {
    for (const [key, ref] of held) if (ref.deref() === undefined) held.delete(key)
    sweepAt = Math.max(SWEEP_AT, held.size * 2)
  }
  return {
    of(key, make) {
      const known = held.get(key)?.deref()
      if (known !== undefined) return known
      if (held.size >= sweepAt) sweep()
      const made = make()
      held.set(key, new WeakRef(made))
      return made
    }
  }
}
