import type { Clock } from '@meridian/time'
import { TICKS_PER_SECOND, type Tick, tickAt } from './tick.ts'

/** Turns real time into simulated ticks. */
export interface Ticker {
  start(): void
  stop(): void
  /** The tick that ran last. */
  now(): Tick
  /** Ticks left out because the process was late by more than a second. */
  skipped(): number
}

const TICK_MS = 1000 / TICKS_PER_SECOND
const MAX_BEHIND = TICKS_PER_SECOND
const JUMP_SECONDS = 0.2
const FOLLOWING = 1e-4

/**
 * Creates a ticker that calls `run` for every tick and catches up to a second when late. Ticks are evenly
 * spaced in TAI.
 */
export function createTicker(clock: Clock, run: (at: Tick) => void): Ticker {
  let startedMs = 0
  let startTai = clock.taiSeconds()
  let tick = -1
  let skipped = 0
  let timer: NodeJS.Timeout | undefined
  let now = tickAt(0, startTai)

  // Corrects towards the clock slowly: the clock has whole milliseconds only, and positions on the sky are
  // computed from these stamps.
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
      now = tickAt(tick, startTai)
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
