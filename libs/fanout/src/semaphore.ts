/** Lets so many pieces of work run at a time; the others wait in the order in which they came. */
export interface Semaphore {
  /**
   * Runs `work` when it has its turn; a work that fails gives its turn on all the same. Rejects with
   * `refusal()` where too many wait already, and with the reason of `signal` where that is aborted while it waits.
   */
  run<T>(work: () => Promise<T>, signal?: AbortSignal): Promise<T>
}

/** How many pieces of work run and wait at a time. */
export interface SemaphoreOptions {
  /** Pieces of work that run at a time. */
  readonly atOnce: number
  /** How many more may wait; default: any number. */
  readonly maxWaiting?: number
  /** The error for one too many. */
  readonly refusal?: () => Error
}

/**
 * Makes a semaphore. A turn passes from the work that ends straight to the one that has waited longest: were
 * it given back first, a newcomer could take it before the waiter runs, and both would.
 */
export function createSemaphore({
  atOnce,
  maxWaiting = Number.POSITIVE_INFINITY,
  refusal = () => new Error('too many wait')
}: SemaphoreOptions): Semaphore {
  const waiting: (() => void)[] = []
  let running = 0

  async function enter(signal?: AbortSignal): Promise<void> {
    signal?.throwIfAborted()
    if (running < atOnce) {
      running++
      return
    }
    if (waiting.length >= maxWaiting) throw refusal()
    await new Promise<void>((resolve, reject) => {
      const go = (): void => {
        signal?.removeEventListener('abort', giveUp)
        resolve()
      }
      const giveUp = (): void => {
        waiting.splice(waiting.indexOf(go), 1)
        reject(signal?.reason)
      }
      signal?.addEventListener('abort', giveUp, { once: true })
      waiting.push(go)
    })
  }

  function leave(): void {
    const next = waiting.shift()
    if (next === undefined) running--
    else next()
  }

  return {
    async run(work, signal) {
      await enter(signal)
      try {
        return await work()
      } finally {
        leave()
      }
    }
  }
}
