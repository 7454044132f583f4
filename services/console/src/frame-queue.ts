import { batch } from '@preact/signals'

/** Where work waits for the next animation frame. */
export interface FrameQueue {
  /** Runs `work` in one of the next frames, after all that was pushed before it. */
  push(work: () => void): void
}

/** What the queue needs of the page; a test brings its own. */
export interface FrameClock {
  now(): number
  requestFrame(callback: () => void): number
  cancelFrame(frame: number): void
}

/** Background pages get no animation frames; there the work is done this often, so that nothing piles up. */
const HIDDEN_FLUSH_MS = 500

/** Work of one frame, ms: about half of it, so that what it changes can be drawn in the other half. */
const BUDGET_MS = 8

/**
 * Work that has waited so long is done whatever it costs: a slow page may lag, but never falls behind further
 * and further.
 */
const LONGEST_WAIT_MS = 250

const browserClock: FrameClock = {
  now: () => performance.now(),
  requestFrame: callback => requestAnimationFrame(callback),
  cancelFrame: frame => cancelAnimationFrame(frame)
}

/**
 * Collects what arrives between two frames and applies it in one batch of signals, so that a burst of updates
 * costs one rendering; a long burst, such as the last values of a whole site, is spread over several frames,
 * in order. A page in the background is kept up to date by a timer instead.
 */
export function createFrameQueue(clock: FrameClock = browserClock): FrameQueue {
  let waiting: Array<() => void> = []
  let waitingSince = 0
  let frame = 0
  let timer: ReturnType<typeof setTimeout> | undefined

  /**
   * Work that is pushed meanwhile belongs to the next frame; work that throws does not take the rest with it.
   */
  function flush(until: number): void {
    clock.cancelFrame(frame)
    clearTimeout(timer)
    const end = waiting.length
    let done = 0
    try {
      batch(() => {
        while (done < end && (done === 0 || clock.now() < until)) (waiting[done++] as () => void)()
      })
    } finally {
      waiting = waiting.slice(done)
      timer = undefined
      if (waiting.length > 0) wait()
    }
  }

  function wait(): void {
    timer = setTimeout(flush, HIDDEN_FLUSH_MS, Number.POSITIVE_INFINITY)
    frame = clock.requestFrame(() => {
      const now = clock.now()
      flush(now - waitingSince > LONGEST_WAIT_MS ? Number.POSITIVE_INFINITY : now + BUDGET_MS)
    })
  }

  return {
    push(work) {
      if (waiting.length === 0) waitingSince = clock.now()
      waiting.push(work)
      if (timer === undefined) wait()
    }
  }
}
