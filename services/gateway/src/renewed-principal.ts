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
