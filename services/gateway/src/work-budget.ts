import type { WorkAccount } from '@meridian/fanout'

const BURST_SECONDS = 4

/**
 * What one connection may ask for: so many units of work per second on average, four seconds' worth at once.
 * Where it has spent more than there was, less than nothing is left. A new one is full.
 */
export class WorkBudget implements WorkAccount {
  readonly #perSecond: number
  readonly #nowMs: () => number
  #left: number
  #lastMs: number

  /** `nowMs` is a clock that only goes forward; default `performance.now()`. */
  constructor(perSecond: number, nowMs = monotonicMs) {
    this.#perSecond = perSecond
    this.#nowMs = nowMs
    this.#left = this.#most
    this.#lastMs = nowMs()
  }

  spend(units: number): void {
    this.#refill()
    this.#left -= units
  }

  owedMs(): number {
    this.#refill()
    return ((this.#most - this.#left) / this.#perSecond) * 1000
  }

  /** Ms until something is left; 0: now. */
  waitMs(): number {
    this.#refill()
    return this.#left >= 0 ? 0 : Math.ceil((-this.#left / this.#perSecond) * 1000)
  }

  get #most(): number {
    return this.#perSecond * BURST_SECONDS
  }

  #refill(): void {
    const now = this.#nowMs()
    this.#left = Math.min(this.#most, this.#left + ((now - this.#lastMs) / 1000) * this.#perSecond)
    this.#lastMs = now
  }
}

const monotonicMs = (): number => performance.now()
