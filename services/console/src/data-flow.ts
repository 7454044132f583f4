/**
 * Whether data flows, and as of when its absence means something. A component is judged as of the last data
 * received from the link: when everything stops at once nobody is silent, the link is.
 *
 * flowing: data came within `STALL_MS` of the data before; everybody is judged as of the newest. settling:
 * data has come again after a stall; for `SETTLE_MS` nobody is judged anew, because what was held up comes one
 * after the other. A complete set of last values ends it at once.
 */
export interface DataFlow {
  /** Live data came at this instant. */
  came(atMs: number): void
  /** A last value came that had been received at this instant. */
  recalled(heardMs: number): void
  /** Last values are complete: who is missing among them is missing. */
  complete(): void
  /** The newest instant at which live data came; undefined before the first. */
  lastMs(): number | undefined
  /** As of when components are to be judged; undefined until that is known. */
  judgedAtMs(nowMs: number): number | undefined
}

/** Heartbeats come once a second and may be held back for another. */
const STALL_MS = 2500
/** After a stall components are given this long to be heard again. */
const SETTLE_MS = 3000

/** A flow in which nothing has come yet. */
export function createDataFlow(): DataFlow {
  let lastMs: number | undefined
  let resumedMs = 0
  let recalledMs: number | undefined
  let judgedMs: number | undefined

  return {
    came(atMs) {
      if (lastMs === undefined || atMs - lastMs > STALL_MS) resumedMs = atMs
      lastMs = atMs
    },
    recalled(heardMs) {
      recalledMs = Math.max(recalledMs ?? heardMs, heardMs)
    },
    complete() {
      if (recalledMs !== undefined) judgedMs = Math.max(judgedMs ?? recalledMs, recalledMs)
      recalledMs = undefined
    },
    lastMs: () => lastMs,
    judgedAtMs(nowMs) {
      if (lastMs !== undefined && nowMs - resumedMs >= SETTLE_MS)
        judgedMs = Math.max(judgedMs ?? lastMs, lastMs)
      return judgedMs
    }
  }
}
