import { createUser, fromPublic, fromSeed } from '@nats-io/nkeys'

/** A user's key pair of the broker: what the server's file lists, and what the user alone has. */
export interface Nkey {
  /** `U…`, 56 characters. */
  readonly publicKey: string
  /** `SU…`, 58 characters: belongs into a file that its owner alone reads, and into no log or environment. */
  readonly seed: string
}

/** Makes a new key pair for a user of the broker (Ed25519). */
export function createNkey(): Nkey {
  const pair = createUser()
  return { publicKey: pair.getPublicKey(), seed: new TextDecoder().decode(pair.getSeed()) }
}

/** The public key of a user's seed. Throws an Error, which does not repeat the seed, for anything else. */
export function publicKeyOf(seed: string): string {
  const publicKey = fromSeed(new TextEncoder().encode(seed.trim())).getPublicKey()
  if (!publicKey.startsWith('U')) throw new Error('this is no seed of a user')
  return publicKey
}

/** Whether a text is the public key of a user, its checksum included. */
export function isPublicNkey(text: string): boolean {
  try {
    return fromPublic(text).getPublicKey() === text && text.startsWith('U')
  } catch {
    return false
  }
}
