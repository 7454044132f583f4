import type { StoredUser } from './user.ts'
import type { UserChanges } from './users.ts'

/**
 * Whether a change takes rights of a user and gives him none: he is disabled or has fewer roles, has no new password and is
 * not enabled. Such a change is made also while the audit cannot be written [docs/security.md#audit].
 */
export function takesRights(
  user: StoredUser,
  { roles = user.roles, disabled, password }: UserChanges
): boolean {
  const gives =
    password !== undefined ||
    (user.disabled && disabled === false) ||
    !roles.every(role => user.roles.includes(role))
  const takes = disabled === true || !user.roles.every(role => roles.includes(role))
  return takes && !gives
}
