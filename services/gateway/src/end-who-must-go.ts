import type { Access } from '@meridian/auth'
import type { Connection } from './connection.ts'
import type { Sessions } from './sessions.ts'

/** How often access tokens are looked at for their end; they live five minutes. */
const LOOK_EVERY_MS = 2_000

/** So long before its end a client that has shown no newer token is asked to come back with one. */
const ASK_BEFORE_S = 45
/** Those who logged in together do not come back together. */
const SPREAD_MS = 10_000

/**
 * Ends the connections of whoever was logged out, disabled or given other rights, as soon as that is heard of, and of
 * whoever's access token has expired. A client is asked before to connect anew: a browser has a newer cookie by then, and
 * its resume loses nothing. Returns how to stop.
 */
export function endWhoMustGo(
  access: Pick<Access, 'mode' | 'whyEnded' | 'secondsLeft' | 'onRevoked'>,
  sessions: Pick<Sessions, 'all'>
): () => void {
  if (access.mode === 'open') return () => {}
  const look = (): void => {
    for (const session of sessions.all()) endOver(access, session)
  }
  const timer = setInterval(look, LOOK_EVERY_MS)
  const stop = access.onRevoked(look)
  return () => {
    clearInterval(timer)
    stop()
  }
}

function endOver(access: Pick<Access, 'whyEnded' | 'secondsLeft'>, session: Connection): void {
  const err = access.whyEnded(session.principal)
  const leftS = access.secondsLeft(session.principal)
  if (err !== undefined) session.logOut(err)
  else if (leftS < ASK_BEFORE_S && session.leaveByMs === undefined)
    session.hint('maxage', Math.random() * SPREAD_MS, leftS * 1_000 + 2 * LOOK_EVERY_MS)
}
