import type { Clock } from '@meridian/time'

/** Whether samples reach their streams, seen from one look to the next. */
export interface StorageProgress {
  /** Ms for which samples have waited and not one was stored. */
  stuckMs(acked: number, pending: number): number
}

/** Knows nothing before the first look. */
export function createStorageProgress(clock: Clock): StorageProgress {
  let waiting: { readonly acked: number; readonly sinceMs: number } | undefined
  return {
    stuckMs(acked, pending) {
      const nowMs = clock.steadyMs()
      if (pending === 0) waiting = undefined
      else if (acked !== waiting?.acked) waiting = { acked, sinceMs: nowMs }
      return waiting === undefined ? 0 : nowMs - waiting.sinceMs
    }
  }
}
