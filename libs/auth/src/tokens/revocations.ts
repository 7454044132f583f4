import { type Broker, openBucket, watchBucket } from '@meridian/broker'
import { AppError } from '@meridian/errors'
import type { Logger } from 'pino'
import type { Principal } from '../principal.ts'
import { CLOCK_SKEW_S, TOKEN_LIFE_S } from './token-rules.ts'

/** An entry of the bucket `auth_revoked`: of a session or of a user all tokens that were made up to then. */
export interface Revocation {
  /** UTC seconds up to which tokens have ended. */
  readonly upTo: number
  /** For people, such as `logged out`. */
  readonly why: string
}

/**
 * Ends all access tokens made up to now, of a session or of a user; `why` stands in the bucket and in refusals. Both
 * throw as `Bucket`, and have then ended nothing.
 */
export interface Revoker {
  revokeSession(id: string, why: string): Promise<void>
  revokeUser(name: string, why: string): Promise<void>
}

/** Which access tokens have ended. */
export interface Revocations {
  /** Resolves when all revocations that the bucket holds are known. */
  start(): Promise<void>
  stop(): Promise<void>
  /** Why the tokens of a principal have ended; undefined while they are good. */
  whyEnded(principal: Principal): string | undefined
  /** Calls `listener` at each new revocation; returns how to stop. */
  onRevoked(listener: () => void): () => void
  /** Sequence in the bucket's stream up to which is known. */
  seq(): number
}

/** What the revocations are read with; `name` is that of the process. */
export interface RevocationsOptions {
  readonly broker: Broker
  readonly name: string
  readonly log: Logger
  /** UTC seconds now; default: the clock of the machine. */
  readonly utcSeconds?: () => number
}

const KEEP_S = TOKEN_LIFE_S + 2 * CLOCK_SKEW_S
const utcSecondsNow = (): number => Date.now() / 1000
const keyOf = (kind: 'session' | 'user', id: string): string => `${kind}.${id}`

/** Writes into the bucket of revocations; every pod hears of it. */
export function createRevoker(broker: Broker, utcSeconds = utcSecondsNow): Revoker {
  const bucket = openBucket<Revocation>(broker, 'auth_revoked')
  const revoke = async (kind: 'session' | 'user', id: string, why: string): Promise<void> => {
    await bucket.put(keyOf(kind, id), { upTo: utcSeconds(), why })
  }
  return {
    // A session goes on no more: of a token that a slower clock made later there is no right one.
    revokeSession: async (id, why) => {
      await bucket.put(keyOf('session', id), { upTo: utcSeconds() + KEEP_S, why })
    },
    revokeUser: (name, why) => revoke('user', name, why)
  }
}

/**
 * Follows the bucket of revocations. What was revoked stays so when the bucket is lost: a token that it was for
 * outlives it by minutes at most, and is then forgotten here too.
 */
export function createRevocations({
  broker,
  name,
  log,
  utcSeconds = utcSecondsNow
}: RevocationsOptions): Revocations {
  const known = new Map<string, Revocation>()
  const listeners = new Set<() => void>()
  const forgetOld = (): void => {
    const before = utcSeconds() - KEEP_S
    for (const [key, { upTo }] of known) if (upTo < before) known.delete(key)
  }
  const watch = watchBucket<Revocation>(broker, {
    ...{ name, log, bucket: 'auth_revoked' },
    onValue(key, value) {
      if (value === undefined) return
      // In the place of a revocation: what was revoked stays so.
      if (typeof value.upTo !== 'number' || typeof value.why !== 'string')
        throw new AppError('AUT_BAD_RECORD', { detail: `key ${key.slice(0, 80)}` })
      forgetOld()
      known.set(key, value)
      for (const listener of listeners) listener()
    },
    onReset: () => {}
  })
  return {
    async start() {
      await watch.start()
      await watch.whenReady()
    },
    stop: () => watch.stop(),
    whyEnded({ name, proof }) {
      if (proof === undefined) return undefined
      const entries = [known.get(keyOf('session', proof.session)), known.get(keyOf('user', name))]
      return entries.find(entry => entry !== undefined && proof.issuedAt <= entry.upTo)?.why
    },
    onRevoked(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    seq: () => watch.head().seq
  }
}
