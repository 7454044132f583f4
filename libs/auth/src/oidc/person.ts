import { AppError, briefly, cutText, printable } from '@meridian/errors'
import { USER_LIMITS } from '@meridian/protocol/http'
import { userNameOf } from '../users/user-name.ts'
import type { OidcOptions } from './oidc-settings.ts'

/** Claims of somebody, as the provider tells them. */
export type Claims = Readonly<Record<string, unknown>>

/** Somebody whom the provider has logged in, and what he is here. */
export interface Person {
  /** Who he is for good: the provider gives this pair to nobody else. */
  readonly issuer: string
  readonly subject: string
  /** The name that he would have here. */
  readonly name: string
  readonly fullName: string
  readonly roles: readonly string[]
}

/** Which claims hold the name and the groups of a person, and which roles the groups give. */
export type ClaimRules = Pick<OidcOptions, 'nameClaim' | 'rolesClaim' | 'groups'>

/** Groups of a person that are looked at, and of those the ones that a refusal names. */
const MOST_GROUPS = 2_000
const MOST_TOLD = 10

/**
 * Who somebody is and which roles his groups give him, in the order of the site file, perhaps none. Throws AUT_BAD_CLAIM where there is no
 * name that a user can have.
 */
export function personOf(claims: Claims, rules: ClaimRules): Person {
  const { iss: issuer, sub: subject, name: fullName } = claims
  const name = nameOf(claims, rules)
  const roles = rolesOf(groupsOf(claims[rules.rolesClaim]), rules)
  return {
    ...{ name, roles, issuer: String(issuer), subject: String(subject) },
    fullName: typeof fullName === 'string' ? printable(fullName).slice(0, USER_LIMITS.fullName) : ''
  }
}

/** The name that a user can have, where the claims hold one. */
export function nameIn(claims: Claims, { nameClaim }: ClaimRules): string | undefined {
  const claim = claims[nameClaim]
  return typeof claim === 'string' ? userNameOf(claim) : undefined
}

function nameOf(claims: Claims, rules: ClaimRules): string {
  const name = nameIn(claims, rules)
  if (name !== undefined) return name
  const { nameClaim } = rules
  const claim = claims[nameClaim]
  const came = claim === undefined ? 'is missing' : `is ${briefly(claim)}`
  throw new AppError('AUT_BAD_CLAIM', {
    detail: `claim '${nameClaim}' ${came}; expected: a letter and 1 to 31 more letters, digits, - or _`,
    claim: nameClaim
  })
}

/** One group or a list of them; whatever else stands there gives nothing. */
function groupsOf(claim: unknown): readonly string[] {
  const list: readonly unknown[] = Array.isArray(claim) ? claim.slice(0, MOST_GROUPS) : [claim]
  return list.filter(group => typeof group === 'string')
}

function rolesOf(groups: readonly string[], { groups: needed }: ClaimRules): readonly string[] {
  const own = new Set(groups)
  const roles = [...needed].filter(([, any]) => any.some(group => own.has(group))).map(([role]) => role)
  return roles.slice(0, USER_LIMITS.roles)
}

/** AUT_NO_ROLE for somebody without a role; it names the groups that would give one. */
export function noRoleError({ name }: Person, claims: Claims, { rolesClaim, groups }: ClaimRules): AppError {
  const own = groupsOf(claims[rolesClaim])
  const needed = [...new Set([...groups.values()].flat())].slice(0, MOST_TOLD)
  const has = own.slice(0, MOST_TOLD).map(group => cutText(group, 60))
  const detail = `${name}, whose '${rolesClaim}' are ${has.join(', ') || 'none'}; it needs ${needed.join(' or ')}`
  return new AppError('AUT_NO_ROLE', { detail, groups: needed })
}
