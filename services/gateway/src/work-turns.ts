/** Runs work that clients ask for so that what others ask for is answered in between. */
export interface WorkTurns {
  /**
   * Runs `work` now where there is time in this turn of the event loop, else in a later one, in the order of
   * asking. Each connection waits for its work before it asks again, so connections take turns.
   */
  take(work: () => void): void
  /** Pieces of work that had to wait for a later turn, since the start. */
  readonly waited: number
}

/** What all work together may take of one turn of the event loop. */
const TURN_MS = 5

/** Nothing waits. `nowMs` is a clock that only goes forward. */
export function createWorkTurns(nowMs: () => number = () => performance.now()): WorkTurns {
  const waiting: (() => void)[] = []
  let endMs: number | undefined
  let waited = 0

  const begin = (): number => {
    setImmediate(nextTurn)
    endMs = nowMs() + TURN_MS
    return endMs
  }
  const nextTurn = (): void => {
    endMs = undefined
    if (waiting.length === 0) return
    const end = begin()
    do (waiting.shift() as () => void)()
    while (waiting.length > 0 && nowMs() < end)
  }
  return {
    get waited() {
      return waited
    },
    take(work) {
      if (waiting.length === 0 && nowMs() < (endMs ?? begin())) return work()
      waited++
      waiting.push(work)
    }
  }
}
