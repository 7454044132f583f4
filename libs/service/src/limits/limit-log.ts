import { createRarely } from '@meridian/broker'
import type { Logger } from 'pino'

/** Whom a limit is of: a principal, or an address. */
export type LimitedBy = 'principal' | 'address'

/** Told of each refusal of a limit: its code, and the name of the principal, or the address. */
export type OnLimited = (code: string, by: LimitedBy, name: string) => void

const EVERY_MS = 60_000

/** Logs who is refused what, once a minute each at most; all of it is counted elsewhere. */
export function createLimitLog(log: Logger): OnLimited {
  const rarely = createRarely({ everyMs: EVERY_MS })
  return (code, by, name) =>
    rarely(
      code,
      times => log.warn({ code, [by]: name, times }, 'more was asked for than one may'),
      `${by} ${name}`
    )
}
