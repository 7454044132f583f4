import type { Site } from '@meridian/catalogue'
import { AppError, didYouMean } from '@meridian/errors'
import { Type } from 'typebox'
import { openPrincipal, type Principal } from './principal.ts'
import { createRights, type Rights } from './rights.ts'

/** Setting of a service that decides who may do what; spread into its own schema. */
export const accessSettings = {
  OPEN_ROLE: Type.String({
    default: 'operator',
    description: 'role of the site that everybody has, because nobody logs in'
  })
} as const

/** What the roles of the site allow, and for whom everybody speaks. */
export interface OpenAccess {
  readonly rights: Rights
  readonly principal: Principal
}

/** The mode and its role, as a service tells them. */
export const openModeOf = ({ OPEN_ROLE: role }: { readonly OPEN_ROLE: string }) =>
  ({ mode: 'open', role }) as const

/** Rights in `open` mode, for development without log-in. Throws CFG_INVALID where the site lacks the role. */
export function openAccess(
  { OPEN_ROLE: role }: { readonly OPEN_ROLE: string },
  { name, roles }: Pick<Site, 'name' | 'roles'>
): OpenAccess {
  if (!roles.has(role)) {
    const meant = didYouMean(role, roles.keys()) || `; there are ${[...roles.keys()].join(', ')}`
    throw new AppError('CFG_INVALID', { detail: `OPEN_ROLE: site ${name} has no role '${role}'${meant}` })
  }
  return { rights: createRights(roles), principal: openPrincipal(role) }
}
