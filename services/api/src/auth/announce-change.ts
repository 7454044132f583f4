import { type Actor, namesNothing, takesRights, userNameOf } from '@meridian/auth/users'
import { AppError } from '@meridian/errors'
import { USER_LIMITS, type UserChangesBody } from '@meridian/protocol/http'
import type { Accounts } from './accounts.ts'

// Who is about to change which user stands in the audit before it is done. What gives rights is refused where that cannot be
// written; what takes them away is done all the same: whoever fills the audit must not keep himself in.

const eventOf = ({ name: by, address }: Actor, name: string) =>
  ({ what: 'user-change-asked', name: name.slice(0, USER_LIMITS.name), by, address }) as const

/** Before something gives rights. Throws as `AuditTrail.announce`. */
export const announceGiving = (
  { trail }: Pick<Accounts, 'trail'>,
  actor: Actor,
  name: string
): Promise<void> => trail.announce(eventOf(actor, name))

/** Before a user is removed; never throws. */
export async function announceRemoval(
  { trail }: Pick<Accounts, 'trail'>,
  actor: Actor,
  name: string
): Promise<void> {
  const event = eventOf(actor, name)
  await trail.announce(event).catch(caught => trail.tellUnannounced(event, AppError.from(caught)))
}

/**
 * Before a user is changed: the changes to be made. Throws as `AuditTrail.announce` where they give rights; where they take some they are
 * tied to the user as he is now, so that they give none back that somebody else takes meanwhile.
 */
export async function announceChanges(
  { trail, users }: Pick<Accounts, 'trail' | 'users'>,
  actor: Actor,
  { name, changes }: { readonly name: string; readonly changes: UserChangesBody }
): Promise<UserChangesBody> {
  if (namesNothing(changes)) return changes
  const event = eventOf(actor, name)
  try {
    await trail.announce(event)
    return changes
  } catch (caught) {
    const known = userNameOf(name)
    const user = known === undefined ? undefined : await users.find(known)
    if (user === undefined || !takesRights(user, changes)) throw caught
    trail.tellUnannounced(event, AppError.from(caught))
    return { version: user.version, ...changes }
  }
}
