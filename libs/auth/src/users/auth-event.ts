/** What happens to users and sessions, for the log, the metrics and the audit; it holds no secret. */
export interface AuthEvent {
  readonly what:
    | 'log-in'
    | 'log-in-refused'
    | 'log-out'
    | 'refresh'
    | 'refresh-refused'
    /** An old refresh token was shown: somebody has a copy, and the session has ended. */
    | 'refresh-reused'
    | 'session-ended'
    | 'user-made'
    | 'user-changed'
    | 'user-removed'
    | 'password-changed'
    | 'password-refused'
  /** The user concerned; of a refused log-in only where there is one of this name: people type passwords there. */
  readonly name?: string
  /** Who did it, where that is another. */
  readonly by?: string
  readonly address?: string
  readonly session?: string
  /** The code of a refusal. */
  readonly code?: string
  /** Names of what was changed. */
  readonly changed?: readonly string[]
}

/** Told of each event once it is done. */
export type Audit = (event: AuthEvent) => void

/** Ends all access tokens made up to now, of a session or of a user; `why` stands in the log. */
export interface Revoker {
  revokeSession(id: string, why: string): Promise<void>
  revokeUser(name: string, why: string): Promise<void>
}
