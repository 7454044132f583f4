import type { Clock } from '@meridian/time'
import { type Moment, TICKS_PER_SECOND } from './moment.ts'

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

/** Calls `run` for every tick, catching up when late; a tick's TAI is that of the clock, less its lateness. */
export function createTicker(clock: Clock, run: (at: Moment) => void): Ticker {
  let startedMs = 0
  let tick = -1
  let skipped = 0
  let timer: NodeJS.Timeout | undefined
  let now: Moment = { tick: 0, seconds: 0, tai: clock.taiSeconds() }

  const loop = (): void => {
    const elapsedMs = performance.now() - startedMs
    const tai = clock.taiSeconds()
    const due = Math.floor(elapsedMs / TICK_MS)
    if (due - tick > MAX_BEHIND) {
      skipped += due - tick - MAX_BEHIND
      tick = due - MAX_BEHIND
    }
    while (tick < due) {
      tick++
      now = { tick, seconds: tick / TICKS_PER_SECOND, tai: tai - (elapsedMs - tick * TICK_MS) / 1000 }
      run(now)
    }
    timer = setTimeout(loop, Math.max(0, startedMs + (tick + 1) * TICK_MS - performance.now()))
  }
  return {
    start() {
      startedMs = performance.now()
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
