/** What the audit tells, each on a subject of its own: `audit.<site>.<what>`. */
export const AUTH_EVENTS = [
  'log-in',
  'log-in-refused',
  'log-out',
  'refresh-refused',
  /** An old refresh token was shown: somebody has a copy, and the session has ended. */
  'refresh-reused',
  'session-ended',
  /** Written before a user is made, changed or removed: what cannot be written is not done. */
  'user-change-asked',
  'user-made',
  'user-changed',
  'user-removed',
  'password-changed',
  'password-refused',
  /** A personal token was made, or ended by hand. */
  'token-made',
  'token-revoked'
] as const

/**
 * What any door and the commanders refuse and tell, each on a subject of its own as well. A token is refused that was shown
 * in vain, and a personal one that was asked for in vain.
 */
export const REFUSAL_EVENTS = ['command-refused', 'read-refused', 'manage-refused', 'token-refused'] as const

/** What happens to users and sessions, for the log, the metrics and the audit; it holds no secret. */
export interface AuthEvent {
  /** A refresh and the use of a personal token are counted and not audited: each has hundreds a day. */
  readonly what: (typeof AUTH_EVENTS | typeof REFUSAL_EVENTS)[number] | 'refresh' | 'token-used'
  /** The user concerned; of a refused log-in only where there is one of this name: people type passwords there. */
  readonly name?: string
  /** Who did it, where that is another. */
  readonly by?: string
  readonly address?: string
  /** Id of the session, or of the personal token. */
  readonly session?: string
  /** Name of the personal token. */
  readonly token?: string
  /** The door that a refused command came through. */
  readonly door?: string
  /** What was asked for and refused: commands as `CSC.index.command`, or patterns of subjects. */
  readonly about?: readonly string[]
  /** The code of a refusal. */
  readonly code?: string
  /** Names of what was changed. */
  readonly changed?: readonly string[]
}

/** Told of each event once it is done. */
export type Audit = (event: AuthEvent) => void
