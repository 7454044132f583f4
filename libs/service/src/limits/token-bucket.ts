/** A bucket of tokens: `perSecond` on average, `burstSeconds`' worth at once. A new one is full. */
export class TokenBucket {
  readonly #perSecond: number
  readonly #most: number
  readonly #nowMs: () => number
  #tokens: number
  #lastMs: number

  /** `nowMs` is a clock that only goes forward; default `performance.now()`. */
  constructor(perSecond: number, burstSeconds: number, nowMs = monotonicMs) {
    this.#perSecond = perSecond
    this.#most = perSecond * burstSeconds
    this.#nowMs = nowMs
    this.#tokens = this.#most
    this.#lastMs = nowMs()
  }

  /** Takes one token, or as many; false where there are fewer, and none is taken. More than the bucket holds is never there. */
  take(tokens = 1): boolean {
    this.#refill()
    if (this.#tokens < tokens) return false
    this.#tokens -= tokens
    return true
  }

  /** Ms until there is one token; 0: now. */
  waitMs(): number {
    this.#refill()
    return Math.max(0, ((1 - this.#tokens) / this.#perSecond) * 1000)
  }

  #refill(): void {
    const now = this.#nowMs()
    const gained = ((now - this.#lastMs) / 1000) * this.#perSecond
    this.#tokens = Math.min(this.#most, this.#tokens + gained)
    this.#lastMs = now
  }
}

const monotonicMs = (): number => performance.now()
