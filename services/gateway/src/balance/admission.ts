import type { IncomingMessage } from 'node:http'
import type { Access } from '@meridian/auth'
import { AppError } from '@meridian/errors'
import type { ConnectedClient } from '../connection.ts'
import type { ConnectionShares } from '../connection-shares.ts'
import type { Sessions } from '../sessions.ts'
import type { AcceptPace } from './accept-pace.ts'

/** What becomes of an upgrade: a session; an open connection on which a page is told why not; or a coded answer. */
export type Verdict =
  | { readonly kind: 'welcome' }
  | { readonly kind: 'told' | 'refused'; readonly error: AppError }

/** What decides over an upgrade: whether who asks may stay, room, the shares of a principal and an address, the pace of accepting, and whether the gateway drains. */
export interface AdmissionOptions {
  readonly access: Pick<Access, 'whyEnded'>
  readonly sessions: Pick<Sessions, 'size' | 'isDraining'>
  readonly maxConnections: number
  readonly shares: Pick<ConnectionShares, 'refusalOf'>
  readonly pace: AcceptPace
  /** Whether one more page can be told. */
  readonly canTell: () => boolean
}

/** Gives the verdict on an upgrade: at once, or when its turn comes. */
export type Admission = (
  request: IncomingMessage,
  client: ConnectedClient,
  onVerdict: (verdict: Verdict) => void
) => void

/**
 * Who may come in now. A page, which names its origin, sees nothing of a refused upgrade, so it is told where it
 * can be. What is counted for a welcome holds for as long as `onVerdict` takes.
 */
export function createAdmission({
  access,
  sessions,
  maxConnections,
  shares,
  pace,
  canTell
}: AdmissionOptions): Admission {
  const refusalNow = (client: ConnectedClient): AppError | undefined => {
    if (sessions.isDraining()) return new AppError('GTW_DRAINING')
    if (sessions.size >= maxConnections) return new AppError('GTW_FULL', { limit: maxConnections })
    // Whoever waited for his turn may have been logged out, or his token have expired, since it was looked at.
    return access.whyEnded(client.principal) ?? shares.refusalOf(client)
  }
  const verdictOn = ({ headers }: IncomingMessage, error: AppError | undefined): Verdict => {
    if (error === undefined) return { kind: 'welcome' }
    const isTold = headers.origin !== undefined && !sessions.isDraining() && canTell()
    return { kind: isTold ? 'told' : 'refused', error }
  }
  return (request, client, onVerdict) => {
    const refusal = refusalNow(client)
    const waitMs = refusal === undefined ? pace.turn() : 0
    if (waitMs === undefined) onVerdict(verdictOn(request, new AppError('GTW_TOO_MANY_AT_ONCE')))
    else if (waitMs === 0) onVerdict(verdictOn(request, refusal))
    else setTimeout(() => onVerdict(verdictOn(request, refusalNow(client))), waitMs)
  }
}
