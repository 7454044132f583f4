import type { WireError } from '@meridian/errors'
import type { LoggedInAnswer, MeAnswer } from '@meridian/protocol/http'
import { isLoggedOut, mayBeAskedAgain, readMe, sendJson, wireErrorOf } from '../api.ts'

/**
 * What became of a session. good: somebody is logged in. ended: nobody is, or not any more. later: nobody could say; it is
 * asked again.
 */
export type Renewal =
  | { readonly kind: 'good'; readonly me: MeAnswer }
  | { readonly kind: 'ended'; readonly reason: WireError }
  | { readonly kind: 'later' }

/** By which a page keeps its session. */
export interface SessionDoor {
  /** Finds out who is logged in, and refreshes the session where its token ends soon. Never rejects. */
  renew(): Promise<Renewal>
}

/**
 * Seconds before its end at which an access token is followed by another: a gateway asks for a new connection 45 s
 * before the end, and an api that is away for a minute does no harm.
 */
export const REFRESH_BEFORE_S = 120

/** What is asked of the api, by its routes. */
export interface SessionRoutes {
  readMe(): Promise<MeAnswer>
  refresh(): Promise<unknown>
  /** Runs `work` while no other tab of this browser runs its own. */
  alone<T>(work: () => Promise<T>): Promise<T>
}

const LOCK = 'meridian.session'

/** Where a page was not loaded over https or from this machine there are no locks: the api takes two at once for one. */
const alone: SessionRoutes['alone'] = work => {
  const { locks } = navigator as { readonly locks?: LockManager }
  // The lock's answer is the one of `work`.
  return locks === undefined ? work() : (locks.request(LOCK, work) as ReturnType<typeof work>)
}

const apiRoutes: SessionRoutes = {
  readMe,
  refresh: () => sendJson<LoggedInAnswer>('POST', '/api/session/refresh', {}),
  alone
}

/** The way to the api of the page's own origin. */
export function createSessionDoor(routes: SessionRoutes = apiRoutes): SessionDoor {
  const whoIs = (): Promise<MeAnswer | undefined> =>
    routes.readMe().catch((caught: unknown) => {
      if (isLoggedOut(caught)) return undefined
      throw caught
    })

  async function renewAlone(): Promise<Renewal> {
    const before = await whoIs()
    // Another tab may have done it while this one waited.
    if (before !== undefined && (before.secondsLeft ?? Number.POSITIVE_INFINITY) > REFRESH_BEFORE_S)
      return { kind: 'good', me: before }
    try {
      await routes.refresh()
    } catch (caught) {
      return afterRefusal(caught, before)
    }
    return { kind: 'good', me: await routes.readMe() }
  }

  return { renew: () => routes.alone(renewAlone).catch(() => ({ kind: 'later' })) }
}

/** A token that is still good is used to its end, unless the session itself has ended. */
function afterRefusal(caught: unknown, before: MeAnswer | undefined): Renewal {
  const isOver = isLoggedOut(caught) || (before === undefined && !mayBeAskedAgain(caught))
  return isOver ? { kind: 'ended', reason: wireErrorOf(caught) } : { kind: 'later' }
}
