import type { SignedFor, TokenSigner } from '../tokens/signer.ts'
import type { StoredSession } from './stored-session.ts'
import type { StoredUser } from './user.ts'
import type { Users } from './users.ts'

/** An access token and whom it is for. `refresh` is absent where the token that was shown has a successor already. */
export interface LoggedIn {
  readonly name: string
  readonly roles: readonly string[]
  readonly session: string
  /** The access token, and until when it is good, UTC seconds. */
  readonly token: string
  readonly expiresAt: number
  readonly refresh?: string
}

/** What tokens are made with. */
export interface IssueOptions {
  readonly users: Pick<Users, 'find'>
  readonly signer: Pick<TokenSigner, 'sign'>
}

/** For whom an access token is made, and what of his rights it has. */
type IssuedFor = Pick<StoredSession, 'user' | 'address' | 'generation'> &
  Pick<SignedFor, 'scopes' | 'notAfter'>

const TRIES = 5

/**
 * An access token of a session, with the roles that its user has now; undefined where the session has ended with its
 * user. He is read once more after the token is made: were he changed in between, it would be younger than the end
 * of all his tokens, and hold roles that he has no more.
 */
export async function issueToken(
  { users, signer }: IssueOptions,
  id: string,
  session: IssuedFor
): Promise<LoggedIn | undefined> {
  const { user: name, address: host, scopes, notAfter } = session
  const narrowed = { ...(scopes && { scopes }), ...(notAfter !== undefined && { notAfter }) }
  let user = await users.find(name)
  for (let tried = 0; tried < TRIES && isOf(session, user); tried++) {
    const { roles, version } = user
    const signed = await signer.sign({ name, roles, session: id, host, ...narrowed })
    user = await users.find(name)
    if (user?.version === version) return { name, roles, session: id, ...signed }
  }
  return undefined
}

const isOf = ({ generation }: IssuedFor, user: StoredUser | undefined): user is StoredUser =>
  user !== undefined && !user.disabled && user.generation === generation
