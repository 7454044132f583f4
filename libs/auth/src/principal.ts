import { ANONYMOUS } from '@meridian/protocol/commands'
import type { TokenScope } from '@meridian/protocol/http'

/** Who a connection or a request speaks for: a user, or in open mode everybody, who has one role. */
export interface Principal {
  /** `name` as it appears in records and logs. */
  readonly name: string
  /** Names of roles of the site; what they allow is said in its file. */
  readonly roles: readonly string[]
  /** What of it a personal token was made for; undefined: all, as for whoever logged in. */
  readonly scopes?: readonly string[]
  /** What proves it; undefined in open mode, where nothing does. */
  readonly proof?: Proof
}

/** The access token that a principal has shown, and the log-in that it was made for. Neither logged nor stored. */
export interface Proof {
  readonly token: string
  /** The session that began with the log-in. */
  readonly session: string
  /** Address that was logged in from; with the name it is SAL's identity `user@host`. */
  readonly host: string
  /** Revision of the user's record that the token's roles were read from. */
  readonly userRevision: number
  /** When the token was made, and until when it is good: UTC seconds. */
  readonly issuedAt: number
  readonly expiresAt: number
}

/** The principal of every connection and request in `open` mode, with the role that the mode gives. */
export const openPrincipal = (role: string): Principal => ({ name: ANONYMOUS, roles: [role] })

/** Whether a principal speaks by a personal token that was not made for this, whatever its roles allow. */
export const lacksScope = ({ scopes }: Pick<Principal, 'scopes'>, scope: TokenScope): boolean =>
  scopes !== undefined && !scopes.includes(scope)

/** Seconds until the token of a principal ends, 0 where it has and is taken still; undefined in open mode, where nothing ends. */
export const tokenSecondsLeft = ({ proof }: Pick<Principal, 'proof'>): number | undefined =>
  proof && Math.max(0, proof.expiresAt - Date.now() / 1_000)
