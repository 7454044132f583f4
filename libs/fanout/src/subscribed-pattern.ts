import { createProjection, type Projection } from '@meridian/msgpack'
import type { PatternRequest } from '@meridian/protocol/live'
import { defaultQualityOf, type Pattern, parsePattern } from '@meridian/subjects'
import { EVERY_MESSAGE } from './live-topic.ts'
import { createWeakTable } from './weak-table.ts'

/** Time from one telemetry tick to the next; rates of `latest` are whole numbers of ticks. */
export const TICK_MS = 50

/** Rate of `latest` and `minmax` where none was asked for, per second. */
const DEFAULT_RATE = 10

/** Fields of one topic that are chosen in several ways at once; where they would be more, all of them come. */
const MAX_JOINED_FIELDS = 256

/** The fields that one pattern chooses. Equal choices are the same object. */
export interface ChosenFields extends Projection {
  /** Its own, never used again: what several choose together is told apart by these. */
  readonly number: number
}

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
  readonly projection: ChosenFields | undefined
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
  /**
   * The projection of all the fields of several; undefined when one of them wants all, and where they choose
   * more than 256, each choice counted by itself.
   */
  union(patterns: readonly SubscribedPattern[]): Projection | undefined
}

/** Whether every message is wanted, not the last value at some rate. */
export const wantsEvery = (wants: { readonly periodTicks: number }): boolean =>
  wants.periodTicks === EVERY_MESSAGE

/**
 * An empty table. It holds patterns weakly: what nobody uses any more is forgotten. `onFields` is told of each
 * name of a field that is read or joined with others.
 */
export function createSubscribedPatterns(onFields: (names: number) => void = () => {}): SubscribedPatterns {
  const patterns = createWeakTable<SubscribedPattern>()
  let made = 0
  let choices = 0
  const chosen = createWeakTable<ChosenFields>()
  const chosenOf = (fields: readonly string[]): ChosenFields => {
    onFields(fields.length)
    const names = [...new Set(fields)].sort()
    return chosen.of(JSON.stringify(names), () => ({ number: ++choices, ...createProjection(names) }))
  }
  const unions = createWeakTable<Projection>()
  const unionOf = (several: readonly ChosenFields[]): Projection => {
    const inOrder = several.map(({ number }) => number).sort((a, b) => a - b)
    return unions.of(inOrder.join(' '), () => {
      const names = several.flatMap(one => one.names)
      onFields(names.length)
      return createProjection(names)
    })
  }

  return {
    of(asked) {
      const pattern = parsePattern(asked.pattern)
      const quality = asked.quality ?? defaultQualityOf(pattern.text)
      const all = quality === 'all'
      const rate = asked.rate ?? DEFAULT_RATE
      const projection = asked.fields && chosenOf(asked.fields)
      const key = `${pattern.text} ${all ? quality : `${quality} ${rate}`} ${projection?.number ?? ''}`
      return patterns.of(key, () => ({
        number: ++made,
        pattern,
        isMinMax: quality === 'minmax',
        periodTicks: all ? EVERY_MESSAGE : Math.round(1000 / rate / TICK_MS),
        projection
      }))
    },
    union(list) {
      const several = choicesOf(list)
      if (several === undefined || several.length === 0) return undefined
      return several.length === 1 ? several[0] : unionOf(several)
    }
  }
}

/** The different choices of several patterns; undefined: all fields together. */
function choicesOf(list: readonly SubscribedPattern[]): readonly ChosenFields[] | undefined {
  const several = new Set<ChosenFields>()
  let names = 0
  for (const { projection } of list) {
    if (projection === undefined) return undefined
    if (several.has(projection)) continue
    several.add(projection)
    names += projection.names.length
    if (several.size > 1 && names > MAX_JOINED_FIELDS) return undefined
  }
  return [...several]
}
