/** How long a source of data usually pauses. */
export interface Pauses {
  /** Data came at `nowMs`, and before that at `lastMs`; returns the longest of the latest pauses, ms. */
  after(lastMs: number | undefined, nowMs: number): number | undefined
}

const LOOK_BACK = 4
/** Topics of one device that come together are no pause. */
const LEAST_MS = 1000

/** Nothing is known of the pauses at first. */
export function createPauses(): Pauses {
  let latest: readonly number[] = []
  return {
    after(lastMs, nowMs) {
      if (lastMs !== undefined && nowMs - lastMs >= LEAST_MS)
        latest = [...latest, nowMs - lastMs].slice(-LOOK_BACK)
      return latest.length === 0 ? undefined : Math.max(...latest)
    }
  }
}
