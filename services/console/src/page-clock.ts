import { taiSecondsOf, utcMsOf } from '@meridian/time'
import { batch, type ReadonlySignal, signal } from '@preact/signals'

/**
 * The page's one clock. Ages are differences of *instants*: milliseconds of a clock that nobody can set, and
 * that goes on while the machine sleeps. Instants are no UTC; `siteMs` is, by the gateway's clock, which is
 * the observatory's.
 */
export interface PageClock {
  /** The instant that the page shows. Signals that depend on it are computed anew once a second. */
  readonly nowMs: ReadonlySignal<number>
  /** UTC of that instant by the observatory's clock. */
  readonly siteMs: ReadonlySignal<number>
  /** How far the clock of this machine is ahead of the observatory's, ms. */
  readonly machineAheadMs: ReadonlySignal<number>
  /** TAI seconds by the observatory's clock, at this very moment. */
  siteTai(): number
  /** The instant of this very moment. */
  instantMs(): number
  /** When something was received at `tai` (TAI seconds of the observatory), as an instant; never later than now. */
  heardMsOf(tai: number): number
  /** UTC by the observatory's clock of an instant. */
  siteMsOf(instantMs: number): number
  /** The instant of a moment of the machine's steady clock, which the SDK's status counts in. */
  instantOf(steadyMs: number): number
  /** Milliseconds from an instant to the one that the page shows, never negative; follows the clock. */
  ageMs(sinceMs: number): number
  /** Told by the connection how far the gateway's clock is ahead of the steady one, and when it read that. */
  setSiteOffset(offsetMs: number, readAtMs: number): void
  /**
   * Moves the instant that the page shows to the present; the connection calls it once a second. True when the
   * machine's clock has jumped since: it was set, or the machine slept.
   */
  tick(): boolean
  /** Calls `work` every `ms` milliseconds; returns what ends that. */
  every(ms: number, work: () => void): () => void
}

/** The two clocks of a machine: one that nobody can set, and the one that people see. */
export interface MachineClock {
  /** Milliseconds that nobody can set; they may stand still while the machine sleeps. */
  nowMs(): number
  /** UTC milliseconds as this machine has them: they jump when it was set or slept. */
  wallMs?(): number
}

const browserClock: MachineClock = {
  nowMs: () => performance.timeOrigin + performance.now(),
  wallMs: () => Date.now()
}

/** The clocks of a machine differ less than this, ms, between two ticks unless one has jumped. */
const JUMP_MS = 1000

/** A jump of the machine's clock that the gateway has not been asked about yet. */
interface Jump {
  readonly byMs: number
  readonly atMs: number
}

/**
 * A clock that stands at the moment of its making until it is ticked. When the machine's clock jumps ahead,
 * the page shows the later time at once. The next reading of the gateway's clock tells which it was: if the
 * gateway's is as much later, the machine slept, and everything on the page is so much older; otherwise
 * somebody set the clock, which means nothing.
 */
export function createPageClock(machine: MachineClock = browserClock): PageClock {
  const wallMs = machine.wallMs ?? machine.nowMs
  let wallAheadMs = wallMs() - machine.nowMs()
  let sleptMs = 0
  let offsetMs = 0
  let jump: Jump | undefined
  const nowMs = signal(machine.nowMs())
  const siteMs = signal(machine.nowMs())
  const machineAheadMs = signal(0)

  const leapMs = (): number => Math.max(0, jump?.byMs ?? 0)
  const instantMs = (): number => machine.nowMs() + sleptMs
  const siteMsOf = (instant: number): number => instant - sleptMs + offsetMs

  function show(): void {
    batch(() => {
      nowMs.value = instantMs() + leapMs()
      siteMs.value = siteMsOf(nowMs.peek())
      machineAheadMs.value = wallMs() - siteMs.peek()
    })
  }

  return {
    nowMs,
    siteMs,
    machineAheadMs,
    siteTai: () => taiSecondsOf(siteMsOf(instantMs() + leapMs())),
    instantMs,
    heardMsOf: tai => Math.min(instantMs(), utcMsOf(tai) - offsetMs + sleptMs),
    siteMsOf,
    instantOf: steadyMs => steadyMs + sleptMs,
    ageMs: sinceMs => Math.max(0, nowMs.value - sinceMs),
    setSiteOffset(ms, readAtMs) {
      const isAnswer = jump !== undefined && readAtMs > jump.atMs
      if (!isAnswer && ms === offsetMs) return
      if (isAnswer) {
        if (leapMs() > 0 && ms - offsetMs > leapMs() / 2) sleptMs += ms - offsetMs
        jump = undefined
      }
      offsetMs = ms
      show()
    },
    tick() {
      const now = machine.nowMs()
      const byMs = wallMs() - now - wallAheadMs
      const hasJumped = Math.abs(byMs) > JUMP_MS
      if (hasJumped) jump = { byMs: byMs + leapMs(), atMs: now }
      wallAheadMs += byMs
      show()
      return hasJumped
    },
    every(ms, work) {
      const timer = setInterval(work, ms)
      return () => clearInterval(timer)
    }
  }
}
