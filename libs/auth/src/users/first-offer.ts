import { type Broker, openBucket, type Stored } from '@meridian/broker'
import { AppError } from '@meridian/errors'
import type { Clock } from '@meridian/time'
import { hashOf, isHashOf } from './secrets.ts'
import { isWrongSequence } from './wrong-sequence.ts'

/** Beside the users in their bucket; no user's name begins so. */
const KEY = '_first'
/** Longer than a password waits for its hash and its user is written: then whoever used the token has failed. */
const TAKEN_MS = 60_000

/** The token for the first administrator as the bucket holds it. */
export interface StoredOffer {
  /** SHA-256 of the token, base64url. */
  readonly hash: string
  /** UTC ms. */
  readonly until: number
  /** The name that somebody makes a user of just now, and until when nobody else does, UTC ms. */
  readonly taken?: { readonly name: string; readonly until: number }
}

/**
 * The one token by which a site's first administrator is made. offered -> taken, by whoever shows the token, for a minute
 * -> spent once the user is made, and offered again where that failed; where nobody can say, when the minute is over.
 * All throw what a Bucket throws.
 */
export interface FirstOffer {
  /** Offers a token for so many ms unless another one is valid; whether it is this one that counts. */
  put(token: string, validMs: number): Promise<boolean>
  /** Throws AUT_BAD_FIRST_TOKEN. */
  read(token: string): Promise<Stored<StoredOffer>>
  /** Of two who show the token at once one succeeds; the other one gets AUT_USER_CHANGED. */
  take(offer: Stored<StoredOffer>, name: string): Promise<Stored<StoredOffer>>
  /** Offers again what was taken. */
  giveBack(taken: Stored<StoredOffer>): Promise<void>
  /** Ends the offer for good, unless somebody else has. */
  spend(taken: Stored<StoredOffer>): Promise<void>
}

/** The offer in the bucket of users; nothing is asked yet. */
export function openFirstOffer(broker: Broker, { nowMs }: Pick<Clock, 'nowMs'>): FirstOffer {
  const bucket = openBucket<StoredOffer>(broker, 'auth_users')

  return {
    async put(token, validMs) {
      const stored = await bucket.get(KEY)
      if (stored?.value !== undefined && stored.value.until > nowMs()) return false
      const offer = { hash: hashOf(token), until: nowMs() + validMs }
      try {
        await (stored === undefined ? bucket.create(KEY, offer) : bucket.update(KEY, offer, stored.revision))
        return true
      } catch (caught) {
        if (isWrongSequence(caught)) return false
        throw caught
      }
    },
    async read(token) {
      const { value, revision = 0 } = (await bucket.get(KEY)) ?? {}
      if (value === undefined || !(value.until > nowMs()) || !isHashOf(value.hash, token))
        throw new AppError('AUT_BAD_FIRST_TOKEN')
      return { value, revision }
    },
    async take({ value: { taken, ...offer }, revision }, name) {
      if (taken !== undefined && taken.until > nowMs()) throw othersFirst()
      const value = { ...offer, taken: { name, until: nowMs() + TAKEN_MS } }
      const written = await bucket.update(KEY, value, revision).catch(caught => {
        throw isWrongSequence(caught) ? othersFirst() : caught
      })
      return { value, revision: written }
    },
    async giveBack({ value: { taken: _, ...offer }, revision }) {
      await bucket.update(KEY, offer, revision)
    },
    async spend({ revision }) {
      await bucket.delete(KEY, revision).catch(caught => {
        if (!isWrongSequence(caught)) throw caught
      })
    }
  }
}

const othersFirst = (): AppError =>
  new AppError('AUT_USER_CHANGED', { detail: 'the first administrator is being made' })
