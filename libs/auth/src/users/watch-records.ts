import { type Broker, type BucketName, watchBucket } from '@meridian/broker'
import { AppError } from '@meridian/errors'
import type { Logger } from 'pino'
import type { Static, TSchema } from 'typebox'
import { readRecord } from './user.ts'

/** Runs for one record of many, and goes on where one cannot be read: `watchRecords` has told of it. Rejects as `run` where it is for anything else. */
export async function whereReadable(run: () => Promise<void>): Promise<void> {
  await readableOf(run())
}

/** What is read; undefined where the record cannot be read, of which `watchRecords` has told. */
export const readableOf = <T>(reading: Promise<T>): Promise<T | undefined> =>
  reading.catch(caught => {
    if (AppError.from(caught).code !== 'AUT_BAD_RECORD') throw caught
    return undefined
  })

/** The records of a bucket as they stand, a moment late: for lists, never for a decision. */
export interface Watched<T> {
  /** Resolves when all that the bucket holds is there. Throws BRK_NO_STREAM, BRK_NOT_PERMITTED. */
  start(): Promise<void>
  stop(): Promise<void>
  readonly values: ReadonlyMap<string, T>
  /** Revision up to which `values` have followed what was written. */
  revision(): number
  /** Keys with a record that is not as the schema says. */
  readonly unreadable: ReadonlySet<string>
}

/**
 * Follows a bucket. Keys of `auth_users` that begin with `_` are left out: they are no users, whose names begin with a letter. A record that is not
 * as the schema says is logged, and its key stands in `unreadable` alone.
 */
export function watchRecords<S extends TSchema>(
  broker: Broker,
  {
    schema,
    ...watch
  }: { readonly schema: S; readonly bucket: BucketName; readonly name: string; readonly log: Logger }
): Watched<Static<S>> {
  const values = new Map<string, Static<S>>()
  const unreadable = new Set<string>()
  const isNone = (key: string): boolean => watch.bucket === 'auth_users' && key.startsWith('_')
  const isUnreadable = (key: string): void => {
    values.delete(key)
    if (!isNone(key)) unreadable.add(key)
  }
  const follower = watchBucket<unknown>(broker, {
    ...watch,
    onValue(key, value) {
      if (isNone(key)) return
      isUnreadable(key)
      if (value !== undefined) values.set(key, readRecord(schema, key, value))
      unreadable.delete(key)
    },
    onUnreadable: isUnreadable,
    onReset() {
      values.clear()
      unreadable.clear()
    }
  })
  return {
    values,
    unreadable,
    revision: () => follower.head().seq,
    stop: () => follower.stop(),
    async start() {
      await follower.start()
      await follower.whenReady()
    }
  }
}
