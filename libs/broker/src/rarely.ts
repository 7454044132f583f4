import { LOG_EVERY_MS } from './timing.ts'

/** Runs `write` unless it ran for the same `what` less than five seconds ago. */
export type Rarely = (what: string, write: () => void) => void

/** Makes a limit for lines of a log that may be due with every message; what is limited is counted elsewhere. */
export function createRarely(): Rarely {
  const ranMs = new Map<string, number>()
  return (what, write) => {
    const nowMs = performance.now()
    if (nowMs - (ranMs.get(what) ?? Number.NEGATIVE_INFINITY) < LOG_EVERY_MS) return
    ranMs.set(what, nowMs)
    write()
  }
}
