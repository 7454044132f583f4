import { type Broker, openBucket, type Stored } from '@meridian/broker'
import { readRecord } from '../users/user.ts'
import { isWrongSequence } from '../users/wrong-sequence.ts'
import { type StoredToken, storedTokenSchema, USED_EVERY_MS } from './stored-token.ts'

/** Personal tokens one by one, at the leader. All throw what a Bucket throws. */
export interface TokenStore {
  /** Undefined too where the text can be the id of none. Throws AUT_BAD_RECORD. */
  read(id: string): Promise<Stored<StoredToken> | undefined>
  create(id: string, token: StoredToken): Promise<void>
  /** Writes that it is used, once an hour. Never rejects: where that fails the last use stays an older one. */
  noteUse(
    id: string,
    stored: Stored<StoredToken>,
    use: { readonly at: number; readonly from: string }
  ): Promise<void>
  remove(id: string): Promise<void>
  /** Removes one unless it was written since `revision`. */
  removeUnchanged(id: string, revision: number): Promise<void>
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
    create: async (id, token) => void (await bucket.create(id, token)),
    async noteUse(id, { value, revision }, { at, from }) {
      if (at - value.usedAt < USED_EVERY_MS) return
      await bucket.update(id, { ...value, usedAt: at, usedFrom: from }, revision).catch(() => {})
    },
    async remove(id) {
      if (ID.test(id)) await bucket.delete(id)
    },
    removeUnchanged: (id, revision) =>
      bucket.delete(id, revision).catch(caught => {
        if (!isWrongSequence(caught)) throw caught
      })
  }
}
