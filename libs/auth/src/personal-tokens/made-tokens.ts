import type { Watched } from '../users/watch-records.ts'
import type { StoredToken } from './stored-token.ts'

/** Tokens that this process made and has not followed yet: they count, and stand in the list of whoever made them. */
export interface MadeTokens {
  /** Knows a token from now on, while it is written and until the bucket was followed so far; forgets it where writing rejects. */
  while(id: string, token: StoredToken, write: () => Promise<number>): Promise<void>
  forget(id: string): void
  notFollowed(): ReadonlyMap<string, StoredToken>
}

/** `held` is the bucket as it is followed: what it has passed is in it, or was revoked by whichever api. */
export function createMadeTokens(held: Pick<Watched<StoredToken>, 'values' | 'revision'>): MadeTokens {
  const made = new Map<string, StoredToken>()
  /** Where each one stands that is written. */
  const revisions = new Map<string, number>()
  const forget = (id: string): void => {
    made.delete(id)
    revisions.delete(id)
  }
  return {
    forget,
    async while(id, token, write) {
      made.set(id, token)
      try {
        revisions.set(id, await write())
      } catch (caught) {
        forget(id)
        throw caught
      }
    },
    notFollowed() {
      const followed = held.revision()
      for (const [id, revision] of revisions) if (revision <= followed) forget(id)
      for (const id of made.keys()) if (held.values.has(id)) forget(id)
      return made
    }
  }
}
