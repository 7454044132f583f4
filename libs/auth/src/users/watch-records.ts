import { type Broker, type BucketName, watchBucket } from '@meridian/broker'
import type { Logger } from 'pino'
import type { Static, TSchema } from 'typebox'
import { readRecord } from './user.ts'

/** The records of a bucket as they stand, a moment late: for lists, never for a decision. */
export interface Watched<T> {
  /** Resolves when all that the bucket holds is there. Throws BRK_NO_STREAM, BRK_NOT_PERMITTED. */
  start(): Promise<void>
  stop(): Promise<void>
  readonly values: ReadonlyMap<string, T>
}

/**
 * Follows a bucket. Keys of `auth_users` that begin with `_` are left out: they are no users, whose names begin with a letter. A record that is not
 * as the schema says is logged, and left out.
 */
export function watchRecords<S extends TSchema>(
  broker: Broker,
  {
    schema,
    ...watch
  }: { readonly schema: S; readonly bucket: BucketName; readonly name: string; readonly log: Logger }
): Watched<Static<S>> {
  const values = new Map<string, Static<S>>()
  const follower = watchBucket<unknown>(broker, {
    ...watch,
    onValue(key, value) {
      if (watch.bucket === 'auth_users' && key.startsWith('_')) return
      values.delete(key)
      if (value !== undefined) values.set(key, readRecord(schema, key, value))
    },
    onReset: () => values.clear()
  })
  return {
    values,
    stop: () => follower.stop(),
    async start() {
      await follower.start()
      await follower.whenReady()
    }
  }
}
