import type { Clock } from '../src/clock.ts'

/** Time that stands still until a test moves it. */
export interface HeldClock {
  readonly clock: Clock
  /** How many timers wait. */
  timers(): number
  /** Lets time pass and runs what becomes due, in order. */
  advance(ms: number): void
  /** Sets the machine's clock, which no timer follows. */
  jump(ms: number): void
}

/** Creates a clock that stands at 0. */
export function createHeldClock(): HeldClock {
  let now = 0
  let wallAheadMs = Date.UTC(2026, 10, 22, 3)
  const timers = new Map<symbol, { at: number; run: () => void }>()
  const due = (until: number) =>
    [...timers].filter(([, { at }]) => at <= until).sort(([, a], [, b]) => a.at - b.at)[0]
  return {
    clock: {
      nowMs: () => now,
      wallMs: () => now + wallAheadMs,
      after(ms, run) {
        const key = Symbol('timer')
        timers.set(key, { at: now + ms, run })
        return () => timers.delete(key)
      }
    },
    timers: () => timers.size,
    advance(ms) {
      const until = now + ms
      for (let next = due(until); next !== undefined; next = due(until)) {
        const [key, { at, run }] = next
        timers.delete(key)
        now = at
        run()
      }
      now = until
    },
    jump(ms) {
      wallAheadMs += ms
    }
  }
}
