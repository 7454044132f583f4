import { AppError } from '@meridian/errors'
import type { PrincipalRights } from './access.ts'
import { lacksScope, type Principal } from './principal.ts'
import type { Rights } from './rights.ts'

/**
 * What of a pattern the principal may read, as `Rights.readable` says it. Throws AUT_NOT_READABLE, which names the
 * roles that may, where that is nothing.
 */
export function readableParts({ rights, principal }: PrincipalRights, pattern: string): readonly string[] {
  const parts = rights.readable(principal, pattern)
  if (parts.length > 0) return parts
  throw notReadable({ rights, principal }, pattern)
}

/** Throws AUT_NOT_READABLE where the principal may not read all of a subject. */
export function assertReadable(access: PrincipalRights, subject: string): void {
  if (!isReadable(access, subject)) throw notReadable(access, subject)
}

/** Whether the principal may read all of a subject. */
export function isReadable(
  { rights, principal }: { readonly rights: Pick<Rights, 'readable'>; readonly principal: Principal },
  subject: string
): boolean {
  const parts = rights.readable(principal, subject)
  return parts.length === 1 && parts[0] === subject
}

/** The refusal AUT_NOT_READABLE of a pattern or subject, which names the roles that may read it, or those of `subject` behind it. */
export function notReadable(
  { rights, principal }: PrincipalRights,
  pattern: string,
  subject: string = pattern
): AppError {
  const { name, roles: own } = principal
  const roles = rights.readersOf(subject)
  if (lacksScope(principal, 'read')) {
    const detail = `'${pattern}' by a personal token of ${name} without the scope 'read'`
    return new AppError('AUT_NOT_READABLE', { detail, principal: name, pattern, roles })
  }
  const needed = roles.length > 0 ? `it needs ${roles.join(' or ')}` : 'no role of this site may read it'
  const detail = `'${pattern}' by ${name}, whose roles are ${own.join(', ') || 'none'}; ${needed}`
  return new AppError('AUT_NOT_READABLE', { detail, principal: name, pattern, roles })
}
