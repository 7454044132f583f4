/**
 * One step of simulated time. A hundred ticks are a second; the same tick of the same seed has the same
 * values.
 */
export interface Tick {
  readonly tick: number
  /** Seconds since the simulation began. */
  readonly seconds: number
  /** TAI seconds of this tick, as the stamps of its messages have them. */
  readonly tai: number
}

/**
 * Ticks in a second. Every rate up to 100 Hz that divides it is met exactly, 50, 20, 10, 5, 4, 2 and 1 Hz
 * among them.
 */
export const TICKS_PER_SECOND = 100

/** The tick of this number in a simulation that began at `startTai` (TAI seconds). */
export const tickAt = (tick: number, startTai: number): Tick => ({
  tick,
  seconds: tick / TICKS_PER_SECOND,
  tai: startTai + tick / TICKS_PER_SECOND
})
