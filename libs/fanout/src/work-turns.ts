/** Work in pieces: each yield ends one, so that others may come in between. What it returns is its result. */
export type Work<T> = Generator<void, T, void>

/**
 * The account of one client in the work that a hub does for all: what it has had, and so when its turn
 * is.
 */
export interface WorkAccount {
  /**
   * Ms until what it has had of late is made good: of those who ask at the same time, whoever has had least
   * goes first; nobody is put off for longer than this.
   */
  owedMs(): number
  spend(units: number): void
}

/**
 * Runs the work that clients ask for in one slice of time per turn of the event loop, however many ask:
 * frames, messages and answers of all others come in between.
 */
export interface WorkTurns {
  /**
   * Runs work now for as long as nobody waits and this turn has time, and what is left in later turns, one
   * piece after the other. Gives the result where that was all, else a promise; throws or rejects with what
   * the work throws.
   */
  run<T>(work: Work<T>, account: WorkAccount): T | Promise<T>
  /** Work that was not done at once, since the start. */
  readonly waited: number
}

/** What all work together may take of one turn of the event loop; the piece that runs then is finished. */
const TURN_MS = 5

interface Job {
  readonly account: WorkAccount
  /** When its turn is, against that of others: ms of the clock. */
  dueMs: number
  /** One piece; whether it was the last. */
  readonly next: () => boolean
}

/** Nothing waits. `nowMs` is a clock that only goes forward. */
export function createWorkTurns(nowMs: () => number = () => performance.now()): WorkTurns {
  /** In the order in which they are due. */
  const waiting: Job[] = []
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
    do runOne()
    while (waiting.length > 0 && nowMs() < end)
  }
  const runOne = (): void => {
    const job = waiting.shift()
    if (job !== undefined && !job.next()) enter(job)
  }
  const enter = (job: Job): void => {
    job.dueMs = nowMs() + job.account.owedMs()
    waiting.splice(placeOf(job, waiting), 0, job)
  }
  const later = <T>(work: Work<T>, account: WorkAccount): Promise<T> => {
    waited++
    return new Promise((resolve, reject) => {
      const next = (): boolean => {
        try {
          const { done, value } = work.next()
          if (done === true) resolve(value)
          return done === true
        } catch (caught) {
          reject(caught)
          return true
        }
      }
      enter({ account, next, dueMs: 0 })
    })
  }
  return {
    get waited() {
      return waited
    },
    run(work, account) {
      while (waiting.length === 0 && nowMs() < (endMs ?? begin())) {
        const { done, value } = work.next()
        if (done === true) return value
      }
      return later(work, account)
    }
  }
}

/** Behind all that are due no later: binary search, as they are kept in order. */
function placeOf({ dueMs }: Job, jobs: readonly Job[]): number {
  let low = 0
  let high = jobs.length
  while (low < high) {
    const middle = (low + high) >> 1
    if ((jobs[middle] as Job).dueMs > dueMs) high = middle
    else low = middle + 1
  }
  return low
}
