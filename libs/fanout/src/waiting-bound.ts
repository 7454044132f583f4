import type { Degradation, LadderLimits } from './ladder.ts'
import type { Subscriber } from './subscriber.ts'

/** Time between two looks at what waits for each connection, ms. */
export const LOOK_MS = 1_000

/** Shares of what may wait for one connection that make it one that falls behind, fast, or one that keeps up. */
const HIGH_SHARE = 1 / 16
const URGENT_SHARE = 3 / 8
const LOW_SHARE = 1 / 64

/** The ladder of connections for each of which so many bytes may wait. */
export const ladderLimits = (maxBufferedBytes: number): LadderLimits => ({
  highBytes: maxBufferedBytes * HIGH_SHARE,
  urgentBytes: maxBufferedBytes * URGENT_SHARE,
  lowBytes: maxBufferedBytes * LOW_SHARE,
  downMs: LOOK_MS,
  upMs: 5 * LOOK_MS,
  mostUpMs: 60 * LOOK_MS
})

/** Watches what waits for all connections, each and together. */
export interface WaitingBound {
  /** Moves each on its ladder; where all hold more than the bound, ends those that hold most. */
  look(nowMs: number): void
  /** Bytes at the last look. */
  bytes(): number
  /** Connections on each step at the last look. */
  degraded(): Readonly<Record<Degradation, number>>
}

/** Makes the watch over a set of connections, which may change at any time. */
export function createWaitingBound(subscribers: Iterable<Subscriber>, maxBytes: number): WaitingBound {
  let bytes = 0
  let degraded = countSteps([])

  function relieve(held: readonly (readonly [Subscriber, number])[]): void {
    for (const [subscriber, waiting] of [...held].sort(([, a], [, b]) => b - a)) {
      if (bytes <= maxBytes) return
      subscriber.relieve()
      bytes -= waiting
    }
  }

  return {
    look(nowMs) {
      const held = [...subscribers].map(one => [one, one.look(nowMs)] as const)
      bytes = held.reduce((sum, [, waiting]) => sum + waiting, 0)
      if (bytes > maxBytes) relieve(held)
      degraded = countSteps(subscribers)
    },
    bytes: () => bytes,
    degraded: () => degraded
  }
}

function countSteps(subscribers: Iterable<Subscriber>): Record<Degradation, number> {
  const counts: Record<Degradation, number> = { none: 0, slower: 0, latest: 0, paused: 0 }
  for (const { degradation } of subscribers) counts[degradation]++
  return counts
}
