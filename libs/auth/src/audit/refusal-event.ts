import type { AppError, Code } from '@meridian/errors'
import type { REFUSAL_EVENTS } from '@meridian/protocol/http'
import type { AuthEvent } from '../users/auth-event.ts'

/** Whose request was refused, as far as it is known, and at which door. */
export interface Refused {
  /** The user; undefined where nobody was proved to ask. */
  readonly name?: string | undefined
  readonly address?: string | undefined
  /** The door that a command came through, where another process refuses it. */
  readonly door?: string | undefined
  /** The command or subject that was asked for; default: the pattern that the refusal names. */
  readonly about?: string | undefined
}

/**
 * The refusals that the audit tells: of rights, and of tokens that were shown and are not good. A request without a
 * token is none: every page begins with one.
 */
const KINDS: Readonly<Partial<Record<Code, (typeof REFUSAL_EVENTS)[number]>>> = {
  CMD_NOT_ALLOWED: 'command-refused',
  AUT_NOT_READABLE: 'read-refused',
  AUT_NOT_MANAGER: 'manage-refused',
  AUT_NOT_FOR_TOKENS: 'manage-refused',
  AUT_BAD_TOKEN: 'token-refused',
  AUT_EXPIRED: 'token-refused',
  AUT_REVOKED: 'token-refused',
  AUT_OTHER_USER: 'token-refused'
}

/** Characters of what was asked for: anybody may ask for anything. */
const MOST_ABOUT = 120

/** What the audit tells of a refusal; undefined for one that it does not. */
export function refusalEventOf(
  { code, facts }: Pick<AppError, 'code' | 'facts'>,
  refused: Refused
): AuthEvent | undefined {
  const what = KINDS[code]
  if (what === undefined) return undefined
  const { name, address, door, about = facts['pattern'] } = refused
  return {
    what,
    ...(name !== undefined && { name }),
    ...(address !== undefined && { address }),
    ...(door !== undefined && { door }),
    ...(typeof about === 'string' && { about: [about.slice(0, MOST_ABOUT)] }),
    code
  }
}
