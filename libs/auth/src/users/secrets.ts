import { createHash, randomBytes, timingSafeEqual } from 'node:crypto'

/** `bytes` random bytes in base64url. */
export const randomText = (bytes: number): string => randomBytes(bytes).toString('base64url')

/** SHA-256 in base64url: for random texts of 128 bits and more nothing slower is needed. */
export const hashOf = (text: string): string => createHash('sha256').update(text).digest('base64url')

/** Whether it is the hash of this text; takes as long for every text. */
export function isHashOf(hash: string, text: string): boolean {
  const [stored, shown] = [Buffer.from(hash), Buffer.from(hashOf(text))]
  return stored.length === shown.length && timingSafeEqual(stored, shown)
}
