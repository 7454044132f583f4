import type { Logger } from 'pino'

const EVERY_MS = 10_000

/** Says at most every ten seconds that something unreadable came; all of it is counted by the hub. */
export function warnSometimes(log: Logger): (stream: string, subject: string, err: unknown) => void {
  let lastMs = Number.NEGATIVE_INFINITY
  return (stream, subject, err) => {
    const now = performance.now()
    if (now - lastMs < EVERY_MS) return
    lastMs = now
    log.warn({ stream, subject, err }, 'message cannot be read and is left out')
  }
}
