import type { StreamProfile } from './stream-table.ts'

/** A bucket of key-value pairs as this project wants it; each key has one value, its last. */
export interface BucketSpec {
  readonly name: BucketName
  readonly description: string
  readonly maxBytes: number
  /** Values older than this are dropped; 0: none is. */
  readonly maxAgeMs: number
  readonly replicas: 1 | 3
  /** Whether a backup has it. What lets people in for a while is left out: what was ended since must not come back. */
  readonly isBackedUp: boolean
}

const MIB = 1024 * 1024
const HOUR_MS = 3_600_000
const DAY_MS = 24 * HOUR_MS

const rows = {
  auth_users: {
    description: 'users, their roles and the hashes of their passwords',
    maxMib: 8,
    maxAgeMs: 0,
    isBackedUp: true
  },
  auth_sessions: {
    description: 'who is logged in, by hashes of what a session is continued with',
    maxMib: 16,
    maxAgeMs: 30 * DAY_MS,
    isBackedUp: false
  },
  // Longer than any of them lives.
  auth_tokens: {
    description: 'personal tokens of programs, by their hashes',
    maxMib: 8,
    maxAgeMs: 366 * DAY_MS,
    isBackedUp: true
  },
  auth_keys: {
    description: 'public keys that access tokens are verified with',
    maxMib: 1,
    maxAgeMs: 2 * DAY_MS,
    isBackedUp: false
  },
  // Longer than any access token lives: what has expired need not be revoked.
  auth_revoked: {
    description: 'sessions and users whose access tokens have ended',
    maxMib: 8,
    maxAgeMs: HOUR_MS,
    isBackedUp: false
  }
} as const

/** Names of the buckets that every site has: on the server each is the stream `KV_<name>`. */
export type BucketName = keyof typeof rows

/** Every bucket of a site; on the server the stream `KV_<name>` [docs/nats.md#buckets]. */
export const bucketTable = (profile: StreamProfile): readonly BucketSpec[] =>
  (Object.keys(rows) as BucketName[]).map(name => {
    const { description, maxMib, maxAgeMs, isBackedUp } = rows[name]
    const replicas = profile === 'site' ? 3 : 1
    return { name, description, maxAgeMs, maxBytes: maxMib * MIB, replicas, isBackedUp }
  })
