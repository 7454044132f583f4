/** What the api tells of users and sessions, each on a subject of its own: `audit.<site>.<what>`. */
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
 * What any door and the commanders refuse for rights or a token, each on a subject of its own as well. A token is refused
 * that was shown in vain, and a personal one that was asked for in vain.
 */
export const REFUSAL_EVENTS = ['command-refused', 'read-refused', 'manage-refused', 'token-refused'] as const

/** Every kind of record that the audit has by now; a reader may meet others, of a newer version. */
export const AUDIT_KINDS = [...AUTH_EVENTS, ...REFUSAL_EVENTS]

/** One kind of record of the audit: the last token of its subject. */
export type AuditKind = (typeof AUDIT_KINDS)[number]
