/** When a gateway takes new connections: no more than so many in any second. */
export interface AcceptPace {
  /**
   * Ms that a new connection waits for its turn, which is taken with this call; undefined where too many wait
   * already.
   */
  turn(): number | undefined
  /** Connections that waited so far. */
  waited(): number
}

/** Whoever would wait longer is refused: he is served sooner elsewhere. */
const LONGEST_WAIT_MS = 5_000
const SECOND_MS = 1_000

/** A pace of `perSecond`; nobody waits for as long as fewer come. */
export function createAcceptPace(
  perSecond: number,
  nowMs: () => number = () => performance.now()
): AcceptPace {
  // The last turns, as a ring: the next one is at least a second behind the oldest of them.
  const turns = new Float64Array(perSecond).fill(Number.NEGATIVE_INFINITY)
  let oldest = 0
  let waited = 0
  return {
    turn() {
      const now = nowMs()
      const at = Math.max(now, (turns[oldest] as number) + SECOND_MS)
      const waitMs = at - now
      if (waitMs > LONGEST_WAIT_MS) return undefined
      turns[oldest] = at
      oldest = (oldest + 1) % perSecond
      if (waitMs > 0) waited++
      return waitMs
    },
    waited: () => waited
  }
}
