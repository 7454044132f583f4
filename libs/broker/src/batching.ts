import type { SendWindow } from './send-window.ts'
import type { Spool, SpooledMessage } from './spool.ts'
import { BATCH_PAUSE_MS } from './timing.ts'

// Whether the streams of one kind take batches is found out by asking. unknown -> asked: a message goes as a batch of
// one, which a broker that knows no batches stores as any other -> taken: the answer names the batch. A question that
// fails leads to paused, and from there to unknown after a time. A batch that fails leads to unknown, and so does a lost
// connection from anywhere [docs/nats.md#batches].

/** Decides which messages of one kind travel together, and learns from what becomes of them. */
export interface Batching {
  /** Takes what goes along with a message as a batch out of its queue, where that is possible. */
  take(first: SpooledMessage): void
  /** A batch was stored. */
  stored(): void
  /**
   * A batch was not stored as such, or is not answered: it is split. Its first message is to be sent again, the others
   * are queued again and go alone.
   */
  failed(first: SpooledMessage): void
  /** The connection is lost: all batches in flight are split, and the next broker is asked anew. */
  forget(): void
}

/** What it works on. */
export interface BatchingParts {
  readonly spool: Spool
  /** Of that kind. Those that go along have their room in it too. */
  readonly window: SendWindow
  readonly counts: BatchCounts
  /** Default `performance.now()`. */
  readonly nowMs?: () => number
}

/** What batching counts. */
export interface BatchCounts {
  batches: number
  splitBatches: number
}

const MOST_MESSAGES = 64
const MOST_BYTES = 256 * 1024

/** Batching of one kind of message, those that go from a spool through a window. */
export function createBatching(parts: BatchingParts): Batching {
  const { spool, window, counts, nowMs = () => performance.now() } = parts
  let state: 'unknown' | 'asked' | 'taken' | 'paused' = 'unknown'
  let pausedUntilMs = 0

  const isToAsk = (): boolean => state === 'unknown' || (state === 'paused' && nowMs() >= pausedUntilMs)
  const ask = (first: SpooledMessage): void => {
    state = 'asked'
    first.along = []
  }
  const pause = (): void => {
    state = 'paused'
    pausedUntilMs = nowMs() + BATCH_PAUSE_MS
  }
  const takeFollowing = (first: SpooledMessage): void => {
    const { queue, bytes } = first
    const along: SpooledMessage[] = []
    const most = Math.min(MOST_MESSAGES, window.room()) - 1
    let roomBytes = MOST_BYTES - bytes
    for (let next = queue.head; next !== undefined && along.length < most; next = queue.head) {
      roomBytes -= next.bytes
      if (roomBytes < 0) break
      spool.shift(queue)
      along.push(next)
    }
    if (along.length === 0) return
    first.along = along
    counts.batches++
  }
  // It has a new ticket: what is still said of the batch concerns nobody.
  const split = (first: SpooledMessage): void => {
    const { along = [], queue } = first
    window.remove(first)
    spool.putBack(along)
    queue.aloneNext = along.length
    first.along = undefined
    window.add(first)
    if (along.length > 0) counts.splitBatches++
  }

  return {
    take(first) {
      const { queue } = first
      if (queue.aloneNext > 0) queue.aloneNext--
      else if (queue.head !== undefined) {
        if (state === 'taken') takeFollowing(first)
        else if (isToAsk()) ask(first)
      }
    },
    stored() {
      if (state === 'asked') state = 'taken'
    },
    failed(first) {
      if (first.along?.length === 0) pause()
      else if (state === 'taken') state = 'unknown'
      split(first)
    },
    forget() {
      state = 'unknown'
      window.visit(message => {
        if (message.along !== undefined) split(message)
      })
    }
  }
}
