import { type Clock, systemClock, taiSecondsOf, utcMsOf } from '@meridian/time'
import { computed, type ReadonlySignal, signal } from '@preact/signals'

/**
 * The page's one clock. `…Ms` are UTC milliseconds of this machine unless they say `site`: the site's clock
 * is the gateway's.
 */
export interface PageClock {
  /** The second that the page shows. Signals that depend on it are computed anew once a second. */
  readonly nowMs: ReadonlySignal<number>
  /** The same second by the gateway's clock, which is the observatory's. */
  readonly siteMs: ReadonlySignal<number>
  /** TAI seconds by the gateway's clock, at this very moment. */
  siteTai(): number
  /**
   * When something with this source stamp (TAI seconds) was true. Source stamps count, so that late data does
   * not look fresh; a stamp from the future counts as now.
   */
  heardMsOf(tai: number): number
  /** Milliseconds from an instant to the second that the page shows, never negative; follows the clock. */
  ageMs(sinceMs: number): number
  /** Told by the connection how far the gateway's clock is ahead of this machine's. */
  setSiteOffset(ms: number): void
  /** Moves the second that the page shows to the present; the connection calls it once a second. */
  tick(): void
  /** Calls `work` every `ms` milliseconds; returns what ends that. */
  every(ms: number, work: () => void): () => void
}

/** A clock that stands at the moment of its making until it is ticked. */
export function createPageClock(machine: Pick<Clock, 'nowMs'> = systemClock): PageClock {
  const nowMs = signal(machine.nowMs())
  const offsetMs = signal(0)
  return {
    nowMs,
    siteMs: computed(() => nowMs.value + offsetMs.value),
    siteTai: () => taiSecondsOf(machine.nowMs() + offsetMs.peek()),
    heardMsOf: tai => Math.min(machine.nowMs(), utcMsOf(tai) - offsetMs.peek()),
    ageMs: sinceMs => Math.max(0, nowMs.value - sinceMs),
    setSiteOffset(ms) {
      offsetMs.value = ms
    },
    tick() {
      nowMs.value = machine.nowMs()
    },
    every(ms, work) {
      const timer = setInterval(work, ms)
      return () => clearInterval(timer)
    }
  }
}
