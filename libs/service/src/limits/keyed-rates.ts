import { TokenBucket } from './token-bucket.ts'

/** A rate of its own for each of many keys, such as addresses. */
export interface KeyedRates {
  /** Takes one of the key's tokens; undefined: it had one, else the ms until the next. */
  take(key: string): number | undefined
}

/** How much, and of how many. */
export interface KeyedRatesOptions {
  /** Tokens of each key per second. */
  readonly perSecond: number
  /** Seconds' worth of them that may be taken at once. */
  readonly burstSeconds: number
  /** Default: 10,000; of more, the one that took longest ago is forgotten, and its bucket is full again. */
  readonly mostKeys?: number
  /** A clock that only goes forward; default `performance.now()`. */
  readonly nowMs?: () => number
}

/** Makes the rates: a key that comes for the first time may take a whole burst at once. */
export function createKeyedRates({
  perSecond,
  burstSeconds,
  mostKeys = 10_000,
  nowMs
}: KeyedRatesOptions): KeyedRates {
  const buckets = new Map<string, TokenBucket>()
  return {
    take(key) {
      const bucket = buckets.get(key) ?? new TokenBucket(perSecond, burstSeconds, nowMs)
      buckets.delete(key)
      buckets.set(key, bucket)
      if (buckets.size > mostKeys) buckets.delete(buckets.keys().next().value as string)
      return bucket.take() ? undefined : bucket.waitMs()
    }
  }
}
