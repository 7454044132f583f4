import { type Broker, openBucket, type Stored } from '@meridian/broker'
import { removeKey, removeUnchanged } from '../users/remove-key.ts'
import { readRecord } from '../users/user.ts'
import { type StoredToken, storedTokenSchema, USED_EVERY_MS } from './stored-token.ts'

/** Personal tokens one by one, at the leader. All throw what a Bucket throws. */
export interface TokenStore {
  /** Undefined too where the text can be the id of none. Throws AUT_BAD_RECORD. */
  read(id: string): Promise<Stored<StoredToken> | undefined>
  /** Gives its revision. */
  create(id: string, token: StoredToken): Promise<number>
  /** Writes that it is used, once an hour. Never rejects: where that fails the last use stays an older one. */
  noteUse(
    id: string,
    stored: Stored<StoredToken>,
    use: { readonly at: number; readonly from: string }
  ): Promise<void>
  /** False where there is none, or another request has just removed it. */
  remove(id: string): Promise<boolean>
  /** Removes one unless it was written since `revision`. */
  removeUnchanged(id: string, revision: number): Promise<boolean>
}

const ID = /^[0-9A-Za-z]{12}$/

/** The bucket `auth_tokens`; nothing is asked yet. */
export function createTokenStore(broker: Broker): TokenStore {
  const bucket = openBucket<unknown>(broker, 'auth_tokens')
  return {
    async read(id) {
      const stored = ID.test(id) ? await bucket.get(id) : undefined
      return stored && { ...stored, value: readRecord(storedTokenSchema, id, stored.value) }
    },
    create: (id, token) => bucket.create(id, token),
    async noteUse(id, { value, revision }, { at, from }) {
      if (at - value.usedAt < USED_EVERY_MS) return
      await bucket.update(id, { ...value, usedAt: at, usedFrom: from }, revision).catch(() => {})
    },
    remove: async id => ID.test(id) && (await removeKey(bucket, id)),
    removeUnchanged: (id, revision) => removeUnchanged(bucket, id, revision)
  }
}
