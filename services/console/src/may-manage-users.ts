import type { MeAnswer } from '@meridian/protocol/http'

/** Whether one of the roles of whoever is logged in manages users. */
export const mayManageUsers = ({ roles, siteRoles }: MeAnswer): boolean =>
  roles.some(role => Object.hasOwn(siteRoles, role) && siteRoles[role]?.users === true)
