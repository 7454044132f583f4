import type { AuditKind } from '@meridian/protocol/http'

/** What happens to users and sessions, for the log, the metrics and the audit; it holds no secret. */
export interface AuthEvent {
  /** A refresh and the use of a personal token are counted and not audited: each has hundreds a day. */
  readonly what: AuditKind | 'refresh' | 'token-used'
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
  /** Of a user who was made, or whose roles were changed: those that he has now. */
  readonly roles?: readonly string[]
  /** Of a user for whom that was changed: whether he may log in now. */
  readonly disabled?: boolean
}

/**
 * Told of each event once it is done. It is called in the middle of a request: it must neither wait nor
 * throw.
 */
export type Audit = (event: AuthEvent) => void
