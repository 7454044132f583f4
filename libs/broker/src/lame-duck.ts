import type { Internals } from './internals.ts'
import { LAME_DUCK_SPREAD_MS } from './timing.ts'

/**
 * Changes server, at some moment of its grace period: all clients of a server that is about to stop hear of it at once.
 */
export function leaveLameDuck({ nc, log }: Internals): void {
  const delayMs = Math.random() * LAME_DUCK_SPREAD_MS
  log.info({ delayMs: Math.round(delayMs) }, 'broker is about to stop: will change server')
  setTimeout(() => {
    if (nc.isClosed() || nc.isDraining()) return
    nc.reconnect().catch((err: unknown) => log.warn({ err }, 'could not change server'))
  }, delayMs).unref()
}
