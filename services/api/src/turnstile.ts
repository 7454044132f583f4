import { AppError } from '@meridian/errors'

/** Lets so many pieces of work run at a time, holds a few more, refuses the rest. */
export interface Turnstile {
  /** Runs `work` when there is room. Throws API_BUSY where too many wait already. */
  pass<T>(work: () => Promise<T>): Promise<T>
}

/** Makes a turnstile for `atATime` pieces of work; `waiting` more may wait. */
export function createTurnstile(atATime: number, waiting: number): Turnstile {
  const queue: (() => void)[] = []
  let running = 0

  async function enter(): Promise<void> {
    if (running < atATime) {
      running++
      return
    }
    if (queue.length >= waiting) throw new AppError('API_BUSY', { retryAfterSeconds: 1 })
    await new Promise<void>(resolve => queue.push(resolve))
  }

  function leave(): void {
    const next = queue.shift()
    if (next === undefined) running--
    else next()
  }

  return {
    async pass(work) {
      await enter()
      try {
        return await work()
      } finally {
        leave()
      }
    }
  }
}
