import { CLOSE } from '@meridian/protocol/live'
import type { Logger } from 'pino'
import type { Connection } from './connection.ts'
import type { ConnectionShares } from './connection-shares.ts'

/** How connections are watched and sent away. */
export interface SessionsOptions {
  /** Ms between pings to each client. */
  readonly pingMs: number
  /** Ms after which a client that answers nothing is dropped. */
  readonly idleMs: number
  /** Ms over which clients are hinted away when the gateway drains. */
  readonly spreadMs: number
  /** Ms from the begin of the drain at which those that are left are closed. */
  readonly deadlineMs: number
  /** Counts who has how many of them. */
  readonly shares: Pick<ConnectionShares, 'add' | 'remove'>
  /** Called for each client that is hinted away. */
  readonly onHint: () => void
  /** Hears how many clients a drain asks to move, how many of them did, and how many it closed. */
  readonly log: Pick<Logger, 'info'>
}

/** All open connections of a gateway. */
export interface Sessions {
  readonly size: number
  /** The oldest first. */
  all(): Iterable<Connection>
  /** Whether everybody is being sent away. */
  isDraining(): boolean
  /** Adds one, which stays until it is removed: when its socket has closed. */
  add(connection: Connection): void
  remove(connection: Connection): void
  /** Hints everybody away, closes who is left at the deadline with 1012; resolves when all are gone. */
  drain(): Promise<void>
}

/** Creates an empty set and starts to ping its members; the drain ends the pings. */
export function createSessions(options: SessionsOptions): Sessions {
  const { pingMs, idleMs, spreadMs, deadlineMs, shares, onHint, log } = options
  const sessions = new Set<Connection>()
  const timer = setInterval(() => pingAll(sessions, idleMs), pingMs).unref()
  let onEmpty = (): void => {}
  let isDraining = false

  return {
    get size() {
      return sessions.size
    },
    all: () => sessions,
    isDraining: () => isDraining,
    add(connection) {
      sessions.add(connection)
      shares.add(connection)
    },
    remove(connection) {
      if (sessions.delete(connection)) shares.remove(connection)
      if (sessions.size === 0) onEmpty()
    },
    async drain() {
      isDraining = true
      const asked = sessions.size
      let closed = 0
      log.info({ asked, spreadMs, deadlineMs }, 'clients are asked to connect elsewhere')
      for (const session of sessions) {
        session.hint('drain', Math.floor(Math.random() * spreadMs), deadlineMs)
        onHint()
      }
      const empty = new Promise<void>(resolve => {
        onEmpty = resolve
        if (sessions.size === 0) resolve()
      })
      const deadline = setTimeout(() => {
        closed = sessions.size
        for (const session of sessions) session.end(CLOSE.goingAway, 'GTW_DRAINING')
      }, deadlineMs)
      await empty
      clearTimeout(deadline)
      clearInterval(timer)
      log.info({ asked, moved: asked - closed, closed }, 'all clients are gone')
    }
  }
}

function pingAll(sessions: ReadonlySet<Connection>, idleMs: number): void {
  const oldest = performance.now() - idleMs
  for (const session of sessions) {
    if (session.seenMs < oldest) session.drop()
    else session.ping()
  }
}
