import type { Access } from '@meridian/auth'
import type { Connection } from './connection.ts'
import type { Sessions } from './sessions.ts'

/** How often access tokens are looked at for their end; they live five minutes. */
const LOOK_EVERY_MS = 2_000

/**
 * Ends the connections of whoever was logged out, disabled or given other rights, as soon as that is heard of, and of
 * whoever's access token has expired. Returns how to stop.
 */
export function endWhoMustGo(
  access: Pick<Access, 'mode' | 'whyEnded' | 'onRevoked'>,
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

function endOver(access: Pick<Access, 'whyEnded'>, session: Connection): void {
  const err = access.whyEnded(session.principal)
  if (err !== undefined) session.logOut(err)
}
