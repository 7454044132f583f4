import { batch } from '@preact/signals'

/** Where work waits for the next animation frame. */
export interface FrameQueue {
  /** Runs `work` in the next frame, together with all other work of that frame. */
  push(work: () => void): void
}

/** Background pages get no animation frames; there the work is done this often, so that nothing piles up. */
const HIDDEN_FLUSH_MS = 500

/**
 * Collects what arrives between two frames and applies it in one batch of signals, so that a burst of updates costs one
 * rendering. A page in the background is kept up to date by a timer instead.
 */
export function createFrameQueue(): FrameQueue {
  let waiting: Array<() => void> = []
  let frame = 0
  let timer: ReturnType<typeof setTimeout> | undefined

  function flush(): void {
    cancelAnimationFrame(frame)
    clearTimeout(timer)
    timer = undefined
    const due = waiting
    waiting = []
    batch(() => {
      for (const work of due) work()
    })
  }

  return {
    push(work) {
      waiting.push(work)
      if (timer !== undefined) return
      timer = setTimeout(flush, HIDDEN_FLUSH_MS)
      frame = requestAnimationFrame(flush)
    }
  }
}
