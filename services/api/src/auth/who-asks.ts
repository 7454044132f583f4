import type { PrincipalRights } from '@meridian/auth'
import type { Actor, From } from '@meridian/auth/users'
import { AppError } from '@meridian/errors'
import type { FastifyRequest } from 'fastify'

/** Address and browser of a request, as its session keeps them. */
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

/** Throws AUT_NOT_MANAGER, which names the roles that may, where the principal may not manage users. */
export function assertManager({ rights, principal }: PrincipalRights): void {
  if (rights.mayManageUsers(principal)) return
  const roles = rights.managersOfUsers()
  const own = principal.roles.join(', ') || 'none'
  const detail = `${principal.name}, whose roles are ${own}; it needs ${roles.join(' or ')}`
  throw new AppError('AUT_NOT_MANAGER', { detail, roles })
}
