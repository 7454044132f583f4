const BURST_SECONDS = 4

/** A bucket of tokens: `perSecond` on average, four seconds' worth at once. A new one is full. */
export class FrameRate {
  readonly #perSecond: number
  readonly #nowMs: () => number
  #tokens: number
  #lastMs: number

  /** `nowMs` is a clock that only goes forward; default `performance.now()`. */
  constructor(perSecond: number, nowMs = monotonicMs) {
    this.#perSecond = perSecond
    this.#nowMs = nowMs
    this.#tokens = perSecond * BURST_SECONDS
    this.#lastMs = nowMs()
  }

  /** Takes one token; false when there is none. */
  take(): boolean {
    const now = this.#nowMs()
    const gained = ((now - this.#lastMs) / 1000) * this.#perSecond
    this.#tokens = Math.min(this.#perSecond * BURST_SECONDS, this.#tokens + gained)
    this.#lastMs = now
    if (this.#tokens < 1) return false
    this.#tokens -= 1
    return true
  }
}

const monotonicMs = (): number => performance.now()
