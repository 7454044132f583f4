import type { Bucket } from '@meridian/broker'
import { isWrongSequence } from './wrong-sequence.ts'

/** Tries against others who write the key at the same time. */
const TRIES = 5

/** Removes a key unless somebody wrote it since `revision`, and says whether it did. Throws as a Bucket. */
export async function removeUnchanged<T>(bucket: Bucket<T>, key: string, revision: number): Promise<boolean> {
  try {
    await bucket.delete(key, revision)
    return true
  } catch (caught) {
    if (isWrongSequence(caught)) return false
    throw caught
  }
}

/**
 * Removes a key whoever writes it at the same time. Of several who remove it at once one alone is told true, so that it
 * is audited once. Throws as a Bucket.
 */
export async function removeKey<T>(bucket: Bucket<T>, key: string): Promise<boolean> {
  for (let tried = 0; tried < TRIES; tried++) {
    const stored = await bucket.get(key)
    if (stored === undefined) return false
    if (await removeUnchanged(bucket, key, stored.revision)) return true
  }
  await bucket.delete(key)
  return true
}
