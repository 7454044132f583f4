/** One step of simulated time. A hundred ticks are a second; the same tick of the same seed has the same values. */
export interface Moment {
  readonly tick: number
  /** Seconds since the simulation began. */
  readonly seconds: number
  /** TAI seconds that this tick stands for: what stamps say. */
  readonly tai: number
}

/** Ticks in a second. Every rate up to 100 Hz that divides it is met exactly, 50, 20, 10, 5, 4, 2 and 1 Hz among them. */
export const TICKS_PER_SECOND = 100

/** The moment of a tick when the simulation began at `startTai`. */
export const momentOf = (tick: number, startTai: number): Moment => ({
  tick,
  seconds: tick / TICKS_PER_SECOND,
  tai: startTai + tick / TICKS_PER_SECOND
})
