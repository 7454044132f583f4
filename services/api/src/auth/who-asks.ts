import type { PrincipalRights } from '@meridian/auth'
import type { Actor, From } from '@meridian/auth/users'
import { AppError } from '@meridian/errors'
import { USER_LIMITS } from '@meridian/protocol/http'
import type { FastifyRequest } from 'fastify'
import type { Accounts } from './accounts.ts'

/** From where a request comes. */
export const fromOf = ({ ip, headers }: FastifyRequest): From => ({
  address: ip,
  userAgent: headers['user-agent'] ?? ''
})

/** Who asks, and from where. */
export const actorOf = ({ principal }: PrincipalRights, { ip }: FastifyRequest): Actor => ({
  name: principal.name,
  address: ip
})

/**
 * Throws AUT_NOT_FOR_TOKENS where a request speaks by a personal token: with one nobody makes himself another that
 * may more or lasts longer.
 */
export function assertPerson({ principalRights }: FastifyRequest): void {
  if (principalRights?.principal.scopes !== undefined) throw new AppError('AUT_NOT_FOR_TOKENS')
}

/** Who is about to change which user stands in the audit before it is done: what cannot be written is refused. */
export const announceChange = (
  { trail }: Pick<Accounts, 'trail'>,
  { name: by, address }: Actor,
  name: string
): Promise<void> =>
  trail.announce({ what: 'user-change-asked', name: name.slice(0, USER_LIMITS.name), by, address })

/** Throws AUT_NOT_MANAGER, which names the roles that may, where the principal may not manage users. */
export function assertManager({ rights, principal }: PrincipalRights): void {
  if (rights.mayManageUsers(principal)) return
  const roles = rights.managersOfUsers()
  const own = principal.roles.join(', ') || 'none'
  const detail = `${principal.name}, whose roles are ${own}; it needs ${roles.join(' or ')}`
  throw new AppError('AUT_NOT_MANAGER', { detail, roles })
}
