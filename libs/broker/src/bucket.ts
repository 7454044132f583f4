import { AppError } from '@meridian/errors'
import { jetstream } from '@nats-io/jetstream'
import { type KV, Kvm } from '@nats-io/kv'
import type { Logger } from 'pino'
import type { Broker } from './broker.ts'
import { brokerErrorOf } from './broker-error.ts'
import type { BucketName, BucketSpec } from './bucket-table.ts'
import { createFollower } from './follower.ts'
import type { Follower } from './follower-types.ts'
import { internalsOf } from './internals.ts'
import { API_TIMEOUT_MS, STREAM_CHANGE_TIMEOUT_MS } from './timing.ts'

/** A value and its revision, which an update names. */
export interface Stored<T> {
  readonly value: T
  readonly revision: number
}

/**
 * Values of JSON by key: letters, digits, `-`, `_`, `=`, `/` and `.`. All throw BRK_UNAVAILABLE, BRK_TIMEOUT,
 * where the bucket is missing BRK_NO_STREAM for a read and BRK_NO_RESPONDERS for a write, BRK_NOT_PERMITTED, BRK_REFUSED where it is full.
 */
export interface Bucket<T> {
  /** Reads at the leader: what was written before is seen. The value is undefined where what is stored is no JSON. */
  get(key: string): Promise<Stored<T | undefined> | undefined>
  /** Writes a key that has no value, and gives its revision. Throws BRK_WRONG_SEQUENCE where it has one. */
  create(key: string, value: T): Promise<number>
  /** Writes unless somebody else did since `revision`. Throws BRK_WRONG_SEQUENCE. */
  update(key: string, value: T, revision: number): Promise<number>
  put(key: string, value: T): Promise<number>
  /** Removes a key, with `revision` only unless somebody else wrote since. Throws BRK_WRONG_SEQUENCE. */
  delete(key: string, revision?: number): Promise<void>
}

/** The subjects on which the values of a bucket are written. */
export const bucketSubjects = (name: BucketName): string => `${prefixOf(name)}>`

const prefixOf = (name: BucketName): string => `$KV.${name}.`

/** The name of the stream in which the server keeps a bucket. */
export const bucketStream = (name: BucketName): string => `KV_${name}`

/** Makes the buckets that are missing; those that exist stay as they are. Throws as Bucket. */
export async function ensureBuckets(broker: Broker, specs: readonly BucketSpec[]): Promise<void> {
  for (const { name, description, maxBytes, maxAgeMs, replicas } of specs)
    await asked(broker, STREAM_CHANGE_TIMEOUT_MS, kvm =>
      kvm.create(name, {
        description,
        max_bytes: maxBytes,
        ttl: maxAgeMs,
        replicas,
        history: 1,
        allow_direct: false
      })
    )
}

/** A bucket that exists, or will; nothing is asked yet. */
export function openBucket<T>(broker: Broker, name: BucketName): Bucket<T> {
  const ask = <R>(run: (kv: KV) => Promise<R>): Promise<R> =>
    asked(broker, API_TIMEOUT_MS, async kvm => run(await kvm.open(name, { allow_direct: false })))
  return {
    get: key =>
      ask(async kv => {
        const entry = await kv.get(key)
        if (entry?.operation !== 'PUT') return undefined
        return { value: jsonOf<T>(entry.value), revision: entry.revision }
      }),
    create: (key, value) => ask(kv => kv.create(key, JSON.stringify(value))),
    update: (key, value, revision) => ask(kv => kv.update(key, JSON.stringify(value), revision)),
    put: (key, value) => ask(kv => kv.put(key, JSON.stringify(value))),
    delete: (key, revision) =>
      ask(kv => kv.delete(key, revision === undefined ? {} : { previousSeq: revision }))
  }
}

function jsonOf<T>(data: Uint8Array): T | undefined {
  try {
    return JSON.parse(decoder.decode(data)) as T
  } catch {
    return undefined
  }
}

/** Who watches a bucket, and what is to be told. */
export interface BucketWatch<T> {
  /** Name of the process, part of the consumer's name. */
  readonly name: string
  readonly bucket: BucketName
  /** A value of the bucket, first all that it holds, then each as it is written; undefined: the key was removed. */
  readonly onValue: (key: string, value: T | undefined) => void
  /** A value that is no JSON was written to this key; it is logged too. Default: nobody is told. */
  readonly onUnreadable?: (key: string) => void
  /** The bucket is another one, or was lost: forget all; its values follow anew. */
  readonly onReset: () => void
  readonly log: Logger
}

/** Follows a bucket through every loss of the broker and of the bucket itself. A value that is no JSON is logged. */
export function watchBucket<T>(
  broker: Broker,
  { bucket, onValue, onUnreadable, onReset, ...rest }: BucketWatch<T>
): Follower {
  return createFollower(broker, {
    ...rest,
    stream: bucketStream(bucket),
    start: { kind: 'last-per-subject' },
    onMessage({ subject, data }) {
      const key = keyOf(bucket, subject)
      if (key === undefined) return
      const value = jsonOf<T>(data)
      // What marks a removal has no data.
      if (value !== undefined || data.length === 0) return onValue(key, value)
      onUnreadable?.(key)
      throw new SyntaxError(`key ${key.slice(0, 80)} of ${bucket} is no JSON`)
    },
    onReset
  })
}

/**
 * The key whose value a message of the bucket's stream is. Undefined for what another stream delivered there: JetStream
 * stores it under its own subject, and whoever may read any stream could have it written.
 */
function keyOf(bucket: BucketName, writtenOn: string): string | undefined {
  const prefix = prefixOf(bucket)
  return writtenOn.startsWith(prefix) ? writtenOn.slice(prefix.length) : undefined
}

const decoder = new TextDecoder()

// As askJetStream: fails at once while the connection is lost, where the library would wait for its timeout.
async function asked<T>(broker: Broker, timeoutMs: number, ask: (kvm: Kvm) => Promise<T>): Promise<T> {
  if (broker.state() === 'disconnected') throw new AppError('BRK_UNAVAILABLE')
  const { nc, lostRequests, apiOptions } = internalsOf(broker)
  const options = { ...apiOptions, timeout: timeoutMs, checkAPI: false }
  try {
    return await lostRequests.race(ask(new Kvm(jetstream(nc, options))))
  } catch (error) {
    throw brokerErrorOf(error)
  }
}
