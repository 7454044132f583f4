import { type Broker, openBucket, watchBucket } from '@meridian/broker'
import { AppError } from '@meridian/errors'
import type { Logger } from 'pino'
import type { Principal, Proof } from '../principal.ts'
import { CLOCK_SKEW_S, TOKEN_LIFE_S } from './token-rules.ts'

/** An entry of the bucket `auth_revoked`: which tokens of a session or of a user have ended. */
export interface Revocation {
  /** UTC seconds up to which those that were made have ended. */
  readonly upTo: number
  /** Those too whose roles were read before this revision of the user's record; absent of a session. */
  readonly beforeRevision?: number
  /** For people, such as `logged out`. */
  readonly why: string
}

/**
 * Ends access tokens; `why` stands in the bucket and in refusals. Both throw as `Bucket`, and have then ended nothing.
 */
export interface Revoker {
  /** Ends all tokens of a session: it goes on no more. */
  revokeSession(id: string, why: string): Promise<void>
  /**
   * Ends all tokens with what a user was before this revision of his record, whatever clock stamped them; those of it
   * and of later ones are good, also where he was removed and made anew. Of a bucket `auth_users` that was lost and made
   * anew, whose revisions begin at 1 again, all go that are a minute older.
   */
  revokeUser(user: { readonly name: string; readonly revision: number }, why: string): Promise<void>
}

/** Which access tokens have ended before their time: of a session that was ended, or of a user who was changed. */
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

/** By how much two pods may differ: one ahead, the other behind. */
const BOTH_SKEWS_S = 2 * CLOCK_SKEW_S
const KEEP_S = TOKEN_LIFE_S + 2 * BOTH_SKEWS_S
const utcSecondsNow = (): number => Date.now() / 1000
const keyOf = (kind: 'session' | 'user', id: string): string => `${kind}.${id}`

/** Writes into the bucket of revocations; every pod hears of it. */
export function createRevoker(broker: Broker, utcSeconds = utcSecondsNow): Revoker {
  const bucket = openBucket<Revocation>(broker, 'auth_revoked')
  return {
    // Of a token that a slower clock makes later there is no right one.
    revokeSession: async (id, why) => {
      await bucket.put(keyOf('session', id), { upTo: utcSeconds() + KEEP_S, why })
    },
    // What another api stamps with the slowest of clocks after this is good.
    revokeUser: async ({ name, revision: beforeRevision }, why) => {
      await bucket.put(keyOf('user', name), { upTo: utcSeconds() - BOTH_SKEWS_S, beforeRevision, why })
    }
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
  // No token that it is for is good any more. Where the users were lost since, their revisions begin anew.
  const isOver = ({ upTo }: Revocation): boolean => upTo < utcSeconds() - KEEP_S
  /** What stands in the place of a revocation, which may have been any: whoever was logged in until now goes on with a new token, if he may. */
  const hidden = (before: Revocation | undefined): Revocation => ({
    why: 'its record cannot be read',
    ...before,
    upTo: Math.max(before?.upTo ?? 0, utcSeconds())
  })
  const forgetOld = (): void => {
    for (const [key, entry] of known) if (isOver(entry)) known.delete(key)
  }
  const watch = watchBucket<Revocation>(broker, {
    ...{ name, log, bucket: 'auth_revoked' },
    onValue(key, value) {
      forgetOld()
      const told = value !== undefined && isRevocation(value) ? value : hidden(known.get(key))
      known.set(key, bothOf(told, known.get(key)))
      for (const listener of listeners) listener()
      if (told !== value) throw new AppError('AUT_BAD_RECORD', { detail: `key ${key.slice(0, 80)}` })
    },
    onUnreadable: key => void known.set(key, hidden(known.get(key))),
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
      return entries.find(entry => entry !== undefined && !isOver(entry) && isEndedBy(entry, proof))?.why
    },
    onRevoked(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    seq: () => watch.head().seq
  }
}

const isRevocation = ({
  upTo,
  beforeRevision,
  why
}: { readonly [P in keyof Revocation]?: unknown }): boolean =>
  typeof upTo === 'number' &&
  typeof why === 'string' &&
  (beforeRevision === undefined || typeof beforeRevision === 'number')

/** What both end: two changes of a user may be told in the order in which they were not made. */
function bothOf(told: Revocation, before: Revocation | undefined): Revocation {
  if (before?.beforeRevision === undefined || told.beforeRevision === undefined) return told
  return {
    ...told,
    upTo: Math.max(told.upTo, before.upTo),
    beforeRevision: Math.max(told.beforeRevision, before.beforeRevision)
  }
}

const isEndedBy = (
  { upTo, beforeRevision = 0 }: Revocation,
  proof: Pick<Proof, 'issuedAt' | 'userRevision'>
): boolean => proof.issuedAt <= upTo || proof.userRevision < beforeRevision
