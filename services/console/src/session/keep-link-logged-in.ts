import type { ClientStatus } from '@meridian/client'
import { effect, type ReadonlySignal } from '@preact/signals'
import type { Session } from './session.ts'

/** From one connection that was refused to the next at least, ms. */
const PAUSE_MS = 2_000

/** What of the link is told whether somebody is logged in. */
interface LogInLink {
  readonly status: ReadonlySignal<ClientStatus>
  start(): void
}

/**
 * Connects the link anew where a gateway has ended it because its token is good no more, once the session is; a page that
 * slept finds it so. Subscriptions and commands go on.
 */
export function keepLinkLoggedIn({ status, start }: LogInLink, session: Pick<Session, 'refused'>): void {
  let refusedMs = Number.NEGATIVE_INFINITY
  let told: ClientStatus['error']
  effect(() => {
    const { state, error } = status.value
    if (state !== 'closed' || error === told || !error?.code.startsWith('AUT_')) return
    told = error
    const pauseMs = Math.max(0, refusedMs + PAUSE_MS - performance.now())
    refusedMs = performance.now() + pauseMs
    setTimeout(() => session.refused(error, start), pauseMs)
  })
}
