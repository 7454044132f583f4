import type { Site } from '@meridian/catalogue'
import type { MeAnswer } from '@meridian/protocol/http'
import type { Principal } from './principal.ts'

/** What a page is told of whoever it speaks for, by which it shows what will be refused before it is asked for. */
export const meOf = (
  { name, roles, scopes, proof }: Principal,
  { roles: siteRoles }: Pick<Site, 'roles'>,
  mode: MeAnswer['mode'] = 'open'
): MeAnswer => ({
  ...{ mode, name, roles },
  ...(scopes && { scopes: [...scopes] }),
  // No instant: a page may have a clock that is minutes off.
  ...(proof && { secondsLeft: Math.max(0, proof.expiresAt - Date.now() / 1_000) }),
  siteRoles: Object.fromEntries(
    [...siteRoles].map(([role, { groups: _groups, ...rights }]) => [role, rights])
  )
})
