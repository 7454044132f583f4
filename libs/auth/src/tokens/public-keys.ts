import { type Broker, openBucket, watchBucket } from '@meridian/broker'
import { AppError } from '@meridian/errors'
import { type CryptoKey, importJWK } from 'jose'
import type { Logger } from 'pino'
import { ALGORITHM } from './token-rules.ts'

/** A public key as the bucket `auth_keys` keeps it, under its id. */
export interface PublicKey {
  /** The point of the curve, base64url. */
  readonly x: string
}

/** The keys that access tokens of a site are verified with. */
export interface PublicKeys {
  /** Resolves when all keys that the bucket holds are known. */
  start(): Promise<void>
  stop(): Promise<void>
  /** Whether the bucket holds a key, as far as is known. */
  has(id: string): boolean
  /** The key of this id. Throws AUT_BAD_TOKEN where there is none, AUT_UNAVAILABLE where that cannot be known. */
  find(id: string): Promise<CryptoKey>
}

/** What the keys are read with; `name` is that of the process. */
export interface PublicKeysOptions {
  readonly broker: Broker
  readonly name: string
  readonly log: Logger
}

const ID = /^[A-Za-z0-9_-]{1,64}$/
/** Ids that nobody knows are looked up no more often: anybody can make them up. */
const LOOK_UP_EVERY_MS = 100

/**
 * Follows the bucket of public keys. A key that has not come yet is looked up once, so that a token that was signed a
 * moment ago is good at every pod. Keys stay known when the bucket is lost: whoever signs writes them anew.
 */
export function createPublicKeys({ broker, name, log }: PublicKeysOptions): PublicKeys {
  const keys = new Map<string, Promise<CryptoKey>>()
  const bucket = openBucket<PublicKey>(broker, 'auth_keys')
  let held = new Set<string>()
  /** Look-ups under way: whoever shows the same new key meanwhile waits for the same answer. */
  const asked = new Map<string, Promise<CryptoKey>>()
  let lookedUpMs = Number.NEGATIVE_INFINITY
  const add = (id: string, { x }: PublicKey): Promise<CryptoKey> => {
    const key = keys.get(id) ?? imported(x)
    keys.set(id, key)
    return key
  }
  const watch = watchBucket<PublicKey>(broker, {
    ...{ name, log, bucket: 'auth_keys' },
    onValue(id, value) {
      if (value === undefined) {
        keys.delete(id)
        held.delete(id)
        return
      }
      held.add(id)
      add(id, value).catch((err: unknown) => log.warn({ err, key: id }, 'public key cannot be read'))
    },
    onReset() {
      held = new Set()
    }
  })
  const lookUp = (id: string): Promise<CryptoKey> => {
    const now = performance.now()
    if (now - lookedUpMs < LOOK_UP_EVERY_MS) throw unknownKey()
    lookedUpMs = now
    const answer = read(id).finally(() => asked.delete(id))
    asked.set(id, answer)
    return answer
  }
  const read = async (id: string): Promise<CryptoKey> => {
    const stored = await bucket.get(id).catch((cause: unknown) => {
      throw new AppError('AUT_UNAVAILABLE', { cause, detail: 'the keys cannot be read' })
    })
    if (stored?.value === undefined) throw unknownKey()
    return add(id, stored.value)
  }
  return {
    async start() {
      await watch.start()
      await watch.whenReady()
    },
    stop: () => watch.stop(),
    has: id => held.has(id),
    async find(id) {
      if (!ID.test(id)) throw unknownKey()
      return keys.get(id) ?? asked.get(id) ?? lookUp(id)
    }
  }
}

const unknownKey = (): AppError =>
  new AppError('AUT_BAD_TOKEN', { detail: 'signed with a key that is not known' })

async function imported(x: string): Promise<CryptoKey> {
  const key = await importJWK({ kty: 'OKP', crv: 'Ed25519', x }, ALGORITHM)
  if (key instanceof Uint8Array) throw new TypeError('a secret where a public key is due')
  return key
}
