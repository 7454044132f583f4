import type { Clock } from '@meridian/time'
import { type Moment, momentOf, TICKS_PER_SECOND } from './moment.ts'

/** Turns real time into ticks. */
export interface Ticker {
  start(): void
  stop(): void
  /** The tick that ran last. */
  now(): Moment
  /** Ticks left out because the process was late by more than a second. */
  skipped(): number
}

const TICK_MS = 1000 / TICKS_PER_SECOND
const MAX_BEHIND = TICKS_PER_SECOND
const JUMP_SECONDS = 0.2
const FOLLOWING = 1e-4

/** Calls `run` for every tick, catching up when late. Ticks stand evenly in TAI. */
export function createTicker(clock: Clock, run: (at: Moment) => void): Ticker {
  let startedMs = 0
  let startTai = clock.taiSeconds()
  let tick = -1
  let skipped = 0
  let timer: NodeJS.Timeout | undefined
  let now = momentOf(0, startTai)

  // Follows the clock gently: its milliseconds are coarse, and positions on the sky are reckoned from these stamps.
  const follow = (elapsedMs: number): void => {
    const off = clock.taiSeconds() - elapsedMs / 1000 - startTai
    startTai += Math.abs(off) > JUMP_SECONDS ? off : off * FOLLOWING
  }
  const loop = (): void => {
    const elapsedMs = performance.now() - startedMs
    follow(elapsedMs)
    const due = Math.floor(elapsedMs / TICK_MS)
    if (due - tick > MAX_BEHIND) {
      skipped += due - tick - MAX_BEHIND
      tick = due - MAX_BEHIND
    }
    while (tick < due) {
      tick++
      now = momentOf(tick, startTai)
      run(now)
    }
    timer = setTimeout(loop, Math.max(0, startedMs + (tick + 1) * TICK_MS - performance.now()))
  }
  return {
    start() {
      startedMs = performance.now()
      startTai = clock.taiSeconds()
      loop()
    },
    stop() {
      clearTimeout(timer)
      timer = undefined
    },
    now: () => now,
    skipped: () => skipped
  }
}
