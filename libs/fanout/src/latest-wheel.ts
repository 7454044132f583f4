import type { Interest } from './live-topic.ts'

/** Interests in a last value that wait for the tick at which they get it. */
export interface LatestWheel {
  /** Lets an idle interest wait until its period since the last value is over, at least until the next tick. */
  put(interest: Interest, ticks: number): void
  /** Hands the last values of this tick to those who still want them. */
  empty(ticks: number): void
}

/** Slots of the wheel: more than the longest period, 5 s. */
const SLOTS = 128

/** A wheel with nothing due; periods of up to `SLOTS` ticks fit on it. */
export function createLatestWheel(): LatestWheel {
  const slots: Interest[][] = Array.from({ length: SLOTS }, () => [])
  return {
    put(interest, ticks) {
      interest.state = 'waiting'
      const due = Math.max(ticks + 1, interest.sentTick + interest.periodTicks)
      ;(slots[due % SLOTS] as Interest[]).push(interest)
    },
    empty(ticks) {
      const due = slots[ticks % SLOTS] as Interest[]
      if (due.length === 0) return
      slots[ticks % SLOTS] = []
      for (const interest of due) if (interest.state !== 'removed') hand(interest, ticks)
    }
  }
}

function hand(interest: Interest, ticks: number): void {
  interest.state = 'idle'
  interest.sentTick = ticks
  if (interest.topic.last !== undefined) interest.outbox.latest.push(interest.topic.last)
}
