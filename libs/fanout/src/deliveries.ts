import { type Hole, joinGaps } from './holes.ts'
import { createLatestWheel } from './latest-wheel.ts'
import type { LiveTopic, MinMaxBucket, Outbox } from './live-topic.ts'
import type { Message } from './message.ts'
import { createBucketWheel } from './minmax-wheel.ts'
import type { Stream } from './stream.ts'
import { hasTickWork, type View } from './view.ts'

/** Brings messages to the views that want them, at once or with the tick. */
export interface Deliveries {
  deliver(message: Message<LiveTopic>, stream: Stream): void
  /** What the follower of a stream never got: told to an outbox with all that waits for no tick. */
  deliverGap(outbox: Outbox, stream: string, hole: Hole): void
  /**
   * What came since the last tick is put into its views now: before anybody joins, leaves or is flushed out
   * of turn.
   */
  settle(): void
  /** Sends what waits for no tick; runs by itself when the current batch of messages is through. */
  flushNow(): void
  /** Delivers what waits for the telemetry tick, and refreshes cursors whose turn it is. */
  tick(): void
}

/** What deliveries use: all views at each tick, and what sends a cursor alone. */
export interface DeliveryParts {
  readonly views: () => Iterable<View>
  readonly refreshCursor: (view: View) => void
}

/** Ticks after which a cursor that moved without data is sent: 10 s, well inside the ring. */
const CURSOR_TICKS = 200

/** Creates deliveries with an empty wheel; `tick` must be called every 50 ms. */
export function createDeliveries({ views, refreshCursor }: DeliveryParts): Deliveries {
  const wheel = createLatestWheel()
  const buckets = createBucketWheel()
  // Messages of tick streams wait here and are handed to the views at the tick, one view after the other.
  let batch: Message<LiveTopic>[] = []
  // Outboxes that have something for now; those that were flushed out of turn since then are empty.
  let dueNow: Outbox[] = []
  let ticks = 0

  function deliverNow(outboxes: readonly Outbox[], message: Message): void {
    for (const outbox of outboxes) if (outbox.now.push(message) === 1) flushSoon(outbox)
  }

  function fillBuckets(all: readonly MinMaxBucket[], message: Message<LiveTopic>): void {
    for (const bucket of all) buckets.fill(bucket, message, ticks)
  }

  function flushSoon(outbox: Outbox): void {
    if (dueNow.push(outbox) === 1) setImmediate(flushNow)
  }

  function flushNow(): void {
    const due = dueNow
    dueNow = []
    for (const outbox of due) if (hasNowWork(outbox)) outbox.flush(false)
  }

  function settle(): void {
    if (batch.length === 0) return
    const messages = batch
    batch = []
    for (const message of messages) for (const outbox of message.topic.outboxes) outbox.tick.push(message)
  }

  return {
    flushNow,
    settle,
    deliver(message, stream) {
      const { outboxes, latest, minMax } = message.topic
      if (stream.flush === 'now') deliverNow(outboxes, message)
      else if (outboxes.length > 0) batch.push(message)
      for (const interest of latest) if (interest.state === 'idle') wheel.put(interest, ticks)
      if (minMax !== undefined) fillBuckets(minMax, message)
    },
    deliverGap(outbox, stream, hole) {
      const { gaps } = outbox
      gaps.set(stream, joinGaps([gaps.get(stream), hole]) ?? hole)
      flushSoon(outbox)
    },
    tick() {
      ticks++
      settle()
      wheel.empty(ticks)
      buckets.empty(ticks)
      for (const view of views()) {
        if (hasTickWork(view)) view.flush(true)
        if ((ticks + view.number) % CURSOR_TICKS === 0) refreshCursor(view)
      }
    }
  }
}

const hasNowWork = ({ now, gaps }: Outbox): boolean => now.length > 0 || gaps.size > 0
