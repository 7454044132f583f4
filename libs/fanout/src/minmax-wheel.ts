import type { LiveTopic, MinMaxBucket } from './live-topic.ts'
import type { Message } from './message.ts'
import { addToBucket, takeBucket } from './minmax-bucket.ts'

/** Buckets that wait for the tick at which they end. */
export interface BucketWheel {
  /** Adds a message to its topic's bucket, which waits from its first one on. */
  fill(bucket: MinMaxBucket, message: Message<LiveTopic>, ticks: number): void
  /** Hands the buckets that end at this tick to everybody who wants them. */
  empty(ticks: number): void
}

/** Slots of the wheel: more than the longest period, 5 s. */
const SLOTS = 128

/** An empty wheel. Buckets of one rate end at the same ticks, so that whoever joins later has the same ones. */
export function createBucketWheel(): BucketWheel {
  const slots: MinMaxBucket[][] = Array.from({ length: SLOTS }, () => [])
  return {
    fill(bucket, message, ticks) {
      if (!addToBucket(bucket, message)) return
      const due = (Math.floor(ticks / bucket.periodTicks) + 1) * bucket.periodTicks
      ;(slots[due % SLOTS] as MinMaxBucket[]).push(bucket)
      for (const interest of bucket.interests) interest.state = 'waiting'
    },
    empty(ticks) {
      const due = slots[ticks % SLOTS] as MinMaxBucket[]
      if (due.length === 0) return
      slots[ticks % SLOTS] = []
      for (const bucket of due) hand(bucket)
    }
  }
}

function hand(bucket: MinMaxBucket): void {
  const message = takeBucket(bucket)
  for (const interest of bucket.interests) {
    interest.state = 'idle'
    if (message !== undefined) interest.outbox.latest.push(message)
  }
}
