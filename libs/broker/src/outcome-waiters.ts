/** Those who wait for an outcome that changes elsewhere. */
export interface OutcomeWaiters {
  /** Resolves to the outcome once there is one, to false after `timeoutMs`. */
  wait(timeoutMs: number, outcome: () => boolean | undefined): Promise<boolean>
  /** Something has changed: all look again. */
  lookAgain(): void
}

/** Nobody waits yet. */
export function createOutcomeWaiters(): OutcomeWaiters {
  const waiting = new Set<() => void>()
  return {
    wait: (timeoutMs, outcome) =>
      new Promise(resolve => {
        const end = (found: boolean): void => {
          clearTimeout(timer)
          waiting.delete(look)
          resolve(found)
        }
        const look = (): void => {
          const found = outcome()
          if (found !== undefined) end(found)
        }
        const timer = setTimeout(() => end(false), timeoutMs)
        waiting.add(look)
        look()
      }),
    lookAgain() {
      for (const look of [...waiting]) look()
    }
  }
}
