import type { PatternRequest } from '@meridian/protocol'
import { type Pattern, parsePattern } from '@meridian/wire'
import { classOf } from './message.ts'
import type { Projection } from './projection.ts'

/** Length of the telemetry tick. */
export const TICK_MS = 50

/** Rate of `latest` where none was asked for, per second. */
const DEFAULT_RATE = 10

/** One pattern as somebody wants it, with everything decided. Equal ones are the same object. */
export interface Request {
  readonly key: string
  readonly pattern: Pattern
  /** Every message; otherwise the last one, at most every `periodTicks`. */
  readonly all: boolean
  readonly periodTicks: number
  readonly projection: Projection | undefined
}

/** Makes requests and keeps each distinct one once, with the projections they share. */
export interface Requests {
  /** Throws WIR_BAD_PATTERN. */
  of(request: PatternRequest): Request
  /** The projection of all the fields of several; undefined when one of them wants all. */
  union(requests: readonly Request[]): Projection | undefined
}

/** A table that keeps weak hold only of what is in use. */
export function createRequests(): Requests {
  const requests = new Map<string, WeakRef<Request>>()
  const projections = new Map<string, WeakRef<Projection>>()
  const projectionOf = (names: readonly string[]): Projection =>
    keep(projections, names.join('\n'), () => ({ names: new Set(names) }))

  return {
    of(asked) {
      const pattern = parsePattern(asked.pattern)
      const all = (asked.quality ?? defaultQualityOf(pattern)) === 'all'
      const rate = asked.rate ?? DEFAULT_RATE
      const names = asked.fields === undefined ? undefined : [...new Set(asked.fields)].sort()
      const key = `${pattern.text} ${all ? 'all' : rate} ${names === undefined ? '' : JSON.stringify(names)}`
      return keep(requests, key, () => ({
        key,
        pattern,
        all,
        periodTicks: all ? 0 : Math.round(1000 / rate / TICK_MS),
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

const defaultQualityOf = (pattern: Pattern): 'all' | 'latest' => {
  const kind = classOf(pattern.text)
  return kind === 'tel' || kind === 'hb' ? 'latest' : 'all'
}

const SWEEP_AT = 10_000

function keep<T extends object>(table: Map<string, WeakRef<T>>, key: string, make: () => T): T {
  const known = table.get(key)?.deref()
  if (known !== undefined) return known
  if (table.size >= SWEEP_AT) for (const [k, ref] of table) if (ref.deref() === undefined) table.delete(k)
  const made = make()
  table.set(key, new WeakRef(made))
  return made
}
