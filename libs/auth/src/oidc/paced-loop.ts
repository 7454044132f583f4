import { setTimeout as sleep } from 'node:timers/promises'

/** Work that is done again and again. */
interface PacedLoop {
  /** Begins, once; never rejects. */
  start(): void
  /** Resolves when what runs has ended. */
  stop(): Promise<void>
  /** Ends the pause that it is in. */
  wake(): void
}

/** Does `work` again and again, each time after as many milliseconds as it gave; it must not reject. */
export function createPacedLoop(work: () => Promise<number>): PacedLoop {
  const stopping = new AbortController()
  let waking = new AbortController()
  let running: Promise<void> | undefined

  async function run(): Promise<void> {
    while (!stopping.signal.aborted) {
      waking = new AbortController()
      const waitMs = await work()
      const signal = AbortSignal.any([stopping.signal, waking.signal])
      await sleep(waitMs, undefined, { signal }).catch(() => undefined)
    }
  }

  return {
    start() {
      running ??= run()
    },
    async stop() {
      stopping.abort()
      await running
    },
    wake: () => waking.abort()
  }
}
