import { type Broker, openBucket, type Stored } from '@meridian/broker'
import { AppError } from '@meridian/errors'
import { removeKey, removeUnchanged } from './remove-key.ts'
import { endOf, type StoredSession, storedSessionSchema } from './stored-session.ts'
import { readRecord } from './user.ts'
import { isWrongSequence } from './wrong-sequence.ts'

/** Sessions one by one, at the leader. All throw what a Bucket throws. */
export interface SessionStore {
  /** Undefined too where the text can be the id of none. Throws AUT_BAD_RECORD. */
  read(id: string): Promise<Stored<StoredSession> | undefined>
  create(id: string, session: StoredSession): Promise<void>
  /** Writes the next token of a session; false where another request wrote since `revision`. */
  rotate(id: string, next: StoredSession, revision: number): Promise<boolean>
  /** False where there is none, or another request has just removed it. */
  remove(id: string): Promise<boolean>
  /** Removes one that has ended by itself at this time, UTC ms; what was refreshed meanwhile stays. */
  removeEnded(id: string, now: number): Promise<void>
}

const ID = /^[\w-]{22}$/

/** The bucket `auth_sessions`; nothing is asked yet. */
export function createSessionStore(broker: Broker): SessionStore {
  const bucket = openBucket<unknown>(broker, 'auth_sessions')

  async function read(id: string): Promise<Stored<StoredSession> | undefined> {
    const stored = ID.test(id) ? await bucket.get(id) : undefined
    return stored && { ...stored, value: readRecord(storedSessionSchema, id, stored.value) }
  }

  return {
    read,
    create: async (id, session) => void (await bucket.create(id, session)),
    async rotate(id, next, revision) {
      try {
        await bucket.update(id, next, revision)
        return true
      } catch (caught) {
        if (isWrongSequence(caught)) return false
        // The answer to a write may be lost where the write is not: then the client must get the new token.
        if ((await read(id))?.value.currentHash === next.currentHash) return true
        throw AppError.from(caught)
      }
    },
    remove: async id => ID.test(id) && (await removeKey(bucket, id)),
    async removeEnded(id, now) {
      const stored = await read(id)
      if (stored === undefined || endOf(stored.value) > now) return
      await removeUnchanged(bucket, id, stored.revision)
    }
  }
}
