import type { Site } from '@meridian/catalogue'
import type { MeAnswer } from '@meridian/protocol/http'
import { type Principal, tokenSecondsLeft } from './principal.ts'

/** What a page is told of whoever it speaks for, by which it shows what will be refused before it is asked for. */
export const meOf = (
  principal: Principal,
  { roles: siteRoles }: Pick<Site, 'roles'>,
  mode: MeAnswer['mode'] = 'open'
): MeAnswer => {
  const { name, roles, scopes } = principal
  const secondsLeft = tokenSecondsLeft(principal)
  return {
    ...{ mode, name, roles },
    ...(scopes && { scopes: [...scopes] }),
    // No instant: a page may have a clock that is minutes off.
    ...(secondsLeft !== undefined && { secondsLeft }),
    siteRoles: Object.fromEntries(
      [...siteRoles].map(([role, { groups: _groups, ...rights }]) => [role, rights])
    )
  }
}
