/** Work in pieces: each yield ends one, so that others may come in between. What it returns is its result. */
export type Work<T> = Generator<void, T, void>

/** For whom work is done. */
export interface WorkAccount {
  /** Units of work that it has had of late: of those who wait, whoever has had least goes first. */
  used(): number
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
  /** One piece; whether it was the last. */
  readonly next: () => boolean
}

/** Nothing waits. `nowMs` is a clock that only goes forward. */
export function createWorkTurns(nowMs: () => number = () => performance.now()): WorkTurns {
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
    const [job] = waiting.splice(leastUsed(waiting), 1)
    if (job !== undefined && !job.next()) waiting.push(job)
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
      waiting.push({ account, next })
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

/** Index of the first of those that have used least. */
function leastUsed(jobs: readonly Job[]): number {
  let index = 0
  let least = Number.POSITIVE_INFINITY
  for (let i = 0; i < jobs.length; i++) {
    const used = (jobs[i] as Job).account.used()
    if (used >= least) continue
    least = used
    index = i
  }
  return index
}
