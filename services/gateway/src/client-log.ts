import { createRarely } from '@meridian/broker'
import type { Logger } from 'pino'
import type { ConnectedClient } from './connection.ts'

/** Lines about what becomes of clients; all of it is counted by metrics. */
export interface ClientLog {
  /** Somebody was refused something, by code. */
  refused(code: string): void
  /** A client that reads too slowly was closed. */
  slow(client: ConnectedClient): void
}

const EVERY_MS = 60_000

/** Logs each code, and each address that was too slow, once a minute at most; a line tells how often it was due. */
export function createClientLog(log: Logger): ClientLog {
  const rarely = createRarely({ everyMs: EVERY_MS })
  return {
    refused: code => rarely(code, times => log.info({ code, times }, 'clients are refused')),
    slow: ({ principal, address }) =>
      rarely(
        'slow',
        times =>
          log.warn({ principal: principal.name, address, times }, 'client that reads too slowly is closed'),
        address
      )
  }
}
