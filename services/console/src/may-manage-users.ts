import type { MeAnswer } from '@meridian/protocol/http'
import { rolesOf } from './session/reading.ts'

/** Whether one of the roles of whoever is logged in manages users. */
export const mayManageUsers = (me: MeAnswer): boolean => rolesOf(me).some(({ users }) => users === true)
