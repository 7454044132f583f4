/** A bucket of tokens: `perSecond` on average, four seconds' worth at once. */
export interface FrameRate {
  /** Takes one token; false when there is none. */
  take(): boolean
}

const BURST_SECONDS = 4

/** A full bucket. `nowMs` is a clock that only goes forward. */
export function createFrameRate(perSecond: number, nowMs: () => number = () => performance.now()): FrameRate {
  const size = perSecond * BURST_SECONDS
  let tokens = size
  let lastMs = nowMs()
  return {
    take() {
      const now = nowMs()
      tokens = Math.min(size, tokens + ((now - lastMs) / 1000) * perSecond)
      lastMs = now
      if (tokens < 1) return false
      tokens -= 1
      return true
    }
  }
}
