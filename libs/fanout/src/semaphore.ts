import { type Asker, createFairQueue, EVERYBODY, type Waiter } from './fair-queue.ts'

/** Who wants a turn, how much it takes, and until when it is wanted. */
export interface Turn {
  /** Default: everybody is the same. */
  readonly asker?: Asker
  /**
   * About how long the work takes, ms: of one asker's, a short one that comes later than a long one by less
   * than that goes first. Default 0.
   */
  readonly costMs?: number
  readonly signal?: AbortSignal
}

/** Lets so many pieces of work run at a time; the others take turns. */
export interface Semaphore {
  /**
   * Runs `work` when it has its turn; a work that fails gives its turn on all the same. Rejects with
   * `refusal()` where too many wait already, of whoever has most: where that is another asker, this one waits
   * and the last of the other is refused. Rejects with the reason of `signal` where that is aborted while it waits.
   */
  run<T>(work: () => Promise<T>, turn?: Turn): Promise<T>
}

/** How many pieces of work run and wait at a time. */
export interface SemaphoreOptions {
  /** Pieces of work that run at a time. */
  readonly atOnce: number
  /** How many more may wait; default: any number. */
  readonly maxWaiting?: number
  /** The error for one too many. */
  readonly refusal?: () => Error
  /** A clock that only goes forward; default `performance.now()`. */
  readonly nowMs?: () => number
}

interface Waiting extends Waiter {
  readonly go: () => void
  readonly refuse: (reason: unknown) => void
}

/**
 * Makes a semaphore. A turn passes from the work that ends straight to the one whose turn it is: were it given
 * back first, a newcomer could take it before the waiter runs, and both would.
 */
export function createSemaphore({
  atOnce,
  maxWaiting = Number.POSITIVE_INFINITY,
  refusal = () => new Error('too many wait'),
  nowMs = () => performance.now()
}: SemaphoreOptions): Semaphore {
  const queue = createFairQueue<Waiting>()
  let running = 0

  function makeRoom(asker: Asker): void {
    if (queue.size < maxWaiting) return
    const last = queue.lastOfGreedier(asker)
    if (last === undefined) throw refusal()
    queue.remove(last)
    last.refuse(refusal())
  }

  async function enter({ asker = EVERYBODY, costMs = 0, signal }: Turn): Promise<void> {
    signal?.throwIfAborted()
    if (running < atOnce) {
      running++
      return
    }
    makeRoom(asker)
    let waiting: Waiting | undefined
    const giveUp = (): void => {
      if (waiting !== undefined && queue.remove(waiting)) waiting.refuse(signal?.reason)
    }
    signal?.addEventListener('abort', giveUp, { once: true })
    try {
      await new Promise<void>((go, refuse) => {
        waiting = { asker, due: nowMs() + costMs, go, refuse }
        queue.add(waiting)
      })
    } finally {
      signal?.removeEventListener('abort', giveUp)
    }
  }

  function leave(): void {
    const next = queue.take()
    if (next === undefined) running--
    else next.go()
  }

  return {
    async run(work, turn = {}) {
      await enter(turn)
      try {
        return await work()
      } finally {
        leave()
      }
    }
  }
}
