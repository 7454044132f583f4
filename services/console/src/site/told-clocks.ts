import type { Update } from '@meridian/client'
import { type ReadonlySignal, signal } from '@preact/signals'
import { instanceIdOf } from './instance-model.ts'

/** What a producer told of a clock: that it is steadily off, or right again. */
export interface ToldClock {
  readonly producer: number
  /** Seconds that the clock is ahead; 0: right again. */
  readonly offset: number
  /** When that was told, TAI seconds. */
  readonly time: number
}

/** What producers told last of the clock of each instance. */
export interface ToldClocks {
  readonly byId: ReadonlySignal<ReadonlyMap<string, ToldClock>>
  /** Takes an event of a producer; false when it tells of no clock. */
  apply(update: Update): boolean
}

/** A producer and a page that mean the same clock fault differ less than this, seconds. */
const NEAR_S = 2

/** Creates one that was told of no clock. */
export function createToldClocks(): ToldClocks {
  const byId = signal<ReadonlyMap<string, ToldClock>>(new Map())

  function apply({ parts, fields, received }: Update): boolean {
    const { component, index, offset } = fields
    if (parts.csc !== 'Producer' || parts.topic !== 'clockOffset' || typeof component !== 'string')
      return false
    if (typeof offset !== 'number') return true
    const id = instanceIdOf(component, Number(index))
    if ((byId.peek().get(id)?.time ?? 0) <= received)
      byId.value = new Map(byId.peek()).set(id, { producer: parts.index, offset, time: received })
    return true
  }

  return { byId, apply }
}

/**
 * The event that tells of the clock which the page sees `aheadSeconds` ahead; undefined where it tells of
 * another: a producer that was restarted meanwhile does not take back what it said.
 */
export const tellingOf = (told: ToldClock | undefined, aheadSeconds: number): ToldClock | undefined =>
  told !== undefined && told.offset !== 0 && Math.abs(told.offset - aheadSeconds) <= NEAR_S ? told : undefined
