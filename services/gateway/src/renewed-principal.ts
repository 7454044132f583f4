import type { Access, Principal } from '@meridian/auth'
import { AppError } from '@meridian/errors'

/**
 * Who is here, by a newer token: the same user with the same session, whose rights hold for what was subscribed. Rejects
 * with the codes of `Access.identify`, and with AUT_OTHER_USER.
 */
export async function renewedPrincipal(
  access: Pick<Access, 'identify'>,
  token: string,
  { name, proof }: Principal
): Promise<Principal> {
  const renewed = await access.identify(token)
  if (renewed.name === name && renewed.proof?.session === proof?.session) return renewed
  throw new AppError('AUT_OTHER_USER', { detail: `this connection is ${name}'s` })
}

/** Whether two tokens of a user let him do the same: what was subscribed by the one then holds for the other. */
export const hasSameRights = (a: Principal, b: Principal): boolean =>
  isSame(a.roles, b.roles) && isSame(a.scopes ?? ALL, b.scopes ?? ALL)

/** Of a token that is good for everything, which is more than any list of scopes. */
const ALL = ['*']

const isSame = (a: readonly string[], b: readonly string[]): boolean =>
  a.length === b.length && a.every(one => b.includes(one))
