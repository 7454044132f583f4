import type { PatternRequest } from '@meridian/protocol/live'
import { guarded } from './registry.ts'
import type { Client, Subscription, SubscriptionHandlers, Update } from './types.ts'

/** What a subscription per frame calls. What a handler throws is reported and disturbs nothing. */
export interface FrameHandlers<F extends object = Readonly<Record<string, unknown>>>
  extends Pick<SubscriptionHandlers<F>, 'onLive' | 'onOutcome' | 'onRefused'> {
  /**
   * What came since the last call, in the order of coming; never an empty list. `replaced` is how many updates
   * a newer one of the same subject took the place of: always 0 for `keep: 'all'`.
   */
  onFrame(updates: readonly Update<F>[], replaced: number): void
}

/** Which updates of a frame are handed over, and how many and how long they may wait for it. */
export interface FrameOptions {
  /** `last`, the default: the last update of each subject, which is what is drawn. `all`: every one. */
  readonly keep?: 'last' | 'all'
  /**
   * Updates that wait at most, default 10,000. One more, and they are handed over at once without waiting for
   * the frame: nothing is lost, and memory stays bounded.
   */
  readonly maxWaiting?: number
  /** Longest wait, ms, where no frame comes because the page is hidden; default 1000. */
  readonly hiddenMs?: number
  /** The page's frames and timers, unless told otherwise. */
  readonly schedule?: FrameSchedule
}

/** Runs `work` once, at the next frame or after `hiddenMs`, whichever comes first; returns what cancels it. */
export type FrameSchedule = (work: () => void, hiddenMs: number) => () => void

const DEFAULTS = { keep: 'last', maxWaiting: 10_000, hiddenMs: 1000 } as const

/**
 * A subscription whose updates are handed over once per animation frame, however many messages came between
 * two. What the subscription is told meanwhile (`onLive`, `onOutcome`, `onRefused`) comes after the updates
 * that were ahead of it. In a hidden page, and where there are no frames at all, a timer takes their place;
 * browsers run such timers once a minute in the end, and `maxWaiting` bounds what gathers until then.
 */
export function subscribePerFrame<F extends object = Readonly<Record<string, unknown>>>(
  client: Pick<Client, 'subscribe'>,
  patterns: readonly (string | PatternRequest)[],
  handlers: FrameHandlers<F>,
  options: FrameOptions = {}
): Subscription {
  const { hiddenMs, maxWaiting, schedule, keep } = { ...DEFAULTS, schedule: nextFrame, ...options }
  const waiting = keep === 'all' ? createEvery<F>() : createLast<F>()
  let cancel: (() => void) | undefined

  function flush(): void {
    cancel?.()
    cancel = undefined
    if (waiting.size() === 0) return
    const { updates, replaced } = waiting.take()
    guarded(() => handlers.onFrame(updates, replaced))
  }

  const subscription = client.subscribe<F>(patterns, {
    onData(update) {
      waiting.add(update)
      if (waiting.size() >= maxWaiting) flush()
      else cancel ??= schedule(flush, hiddenMs)
    },
    onLive() {
      flush()
      handlers.onLive?.()
    },
    onOutcome(outcome) {
      flush()
      handlers.onOutcome?.(outcome)
    },
    onRefused(refused) {
      flush()
      handlers.onRefused?.(refused)
    }
  })

  return {
    update: next => subscription.update(next),
    close() {
      cancel?.()
      subscription.close()
    }
  }
}

/** Updates that wait for a frame. */
interface Waiting<F extends object> {
  size(): number
  add(update: Update<F>): void
  take(): { readonly updates: readonly Update<F>[]; readonly replaced: number }
}

function createEvery<F extends object>(): Waiting<F> {
  let updates: Update<F>[] = []
  return {
    size: () => updates.length,
    add: update => void updates.push(update),
    take() {
      const taken = { updates, replaced: 0 }
      updates = []
      return taken
    }
  }
}

function createLast<F extends object>(): Waiting<F> {
  let bySubject = new Map<string, Update<F>>()
  let replaced = 0
  return {
    size: () => bySubject.size,
    add(update) {
      // Taken out first, so that the order stays that of coming.
      if (bySubject.delete(update.subject)) replaced++
      bySubject.set(update.subject, update)
    },
    take() {
      const taken = { updates: [...bySubject.values()], replaced }
      bySubject = new Map()
      replaced = 0
      return taken
    }
  }
}

/** What a page has for its frames; Node has none of it. */
interface Frames {
  readonly requestAnimationFrame?: (work: () => void) => number
  readonly cancelAnimationFrame?: (frame: number) => void
}

function nextFrame(work: () => void, hiddenMs: number): () => void {
  const { requestAnimationFrame, cancelAnimationFrame } = globalThis as Frames
  const frame = requestAnimationFrame?.(run)
  const timer = setTimeout(run, hiddenMs)
  function cancel(): void {
    if (frame !== undefined) cancelAnimationFrame?.(frame)
    clearTimeout(timer)
  }
  function run(): void {
    cancel()
    work()
  }
  return cancel
}
