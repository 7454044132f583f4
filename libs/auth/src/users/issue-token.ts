import type { SignedFor, TokenSigner } from '../tokens/signer.ts'
import type { StoredSession } from './stored-session.ts'
import type { FoundUser, Users } from './users.ts'

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

/** Where a token takes the roles of its user from, and what signs it. */
export interface IssueOptions {
  readonly users: Pick<Users, 'find'>
  readonly signer: Pick<TokenSigner, 'sign'>
}

/** For whom an access token is made, and what of his rights it has. */
type IssuedFor = Pick<StoredSession, 'user' | 'address' | 'generation'> &
  Pick<SignedFor, 'scopes' | 'notAfter'>

/**
 * An access token of a session, with the roles that its user has now; undefined where the session has ended with its
 * user. Is he changed while it is made, it ends with those of before: it names the revision that it was made from.
 */
export async function issueToken(
  { users, signer }: IssueOptions,
  id: string,
  session: IssuedFor
): Promise<LoggedIn | undefined> {
  const { user: name, address: host, scopes, notAfter } = session
  const narrowed = { ...(scopes && { scopes }), ...(notAfter !== undefined && { notAfter }) }
  const user = await users.find(name)
  if (!isOf(session, user)) return undefined
  const { roles, revision: userRevision } = user
  const signed = await signer.sign({ name, roles, userRevision, session: id, host, ...narrowed })
  return { name, roles, session: id, ...signed }
}

const isOf = ({ generation }: IssuedFor, user: FoundUser | undefined): user is FoundUser =>
  user !== undefined && !user.disabled && user.generation === generation
