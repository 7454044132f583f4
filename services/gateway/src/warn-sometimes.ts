import { createRarely } from '@meridian/broker'
import type { Logger } from 'pino'

/** Says at most every five seconds of each stream that something unreadable came; all of it is counted by the hub. */
export function warnSometimes(log: Logger): (stream: string, subject: string, err: unknown) => void {
  const rarely = createRarely()
  return (stream, subject, err) =>
    rarely(stream, () => log.warn({ stream, subject, err }, 'message cannot be read and is left out'))
}
