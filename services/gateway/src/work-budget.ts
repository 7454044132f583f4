import type { WorkAccount } from '@meridian/fanout'

/**
 * What one connection may ask for: so many units of work per second on average, some seconds' worth at once.
 * Where it has spent more than there was, less than nothing is left.
 */
export interface WorkBudget extends WorkAccount {
  /** Ms until something is left; 0: now. */
  waitMs(): number
}

const BURST_SECONDS = 4

/** A full budget. `nowMs` is a clock that only goes forward. */
export function createWorkBudget(
  perSecond: number,
  nowMs: () => number = () => performance.now()
): WorkBudget {
  const most = perSecond * BURST_SECONDS
  let left = most
  let lastMs = nowMs()
  const refill = (): void => {
    const now = nowMs()
    left = Math.min(most, left + ((now - lastMs) / 1000) * perSecond)
    lastMs = now
  }
  return {
    spend(units) {
      refill()
      left -= units
    },
    owedMs() {
      refill()
      return ((most - left) / perSecond) * 1000
    },
    waitMs() {
      refill()
      return left >= 0 ? 0 : Math.ceil((-left / perSecond) * 1000)
    }
  }
}
