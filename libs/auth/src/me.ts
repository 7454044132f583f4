import type { Site } from '@meridian/catalogue'
import type { MeAnswer } from '@meridian/protocol/http'
import type { Principal } from './principal.ts'

/** What a page is told of whoever it speaks for, by which it shows what will be refused before it is asked for. */
export const meOf = (
  { name, roles }: Principal,
  { roles: siteRoles }: Pick<Site, 'roles'>,
  mode: MeAnswer['mode'] = 'open'
): MeAnswer => ({
  ...{ mode, name, roles },
  siteRoles: Object.fromEntries(siteRoles)
})
