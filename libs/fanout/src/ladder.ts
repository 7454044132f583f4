/**
 * How much a connection gets of what it asked for, from everything down to the least [adr/0015]:
 * - `none`: nothing is held back.
 * - `slower`: last values of telemetry come four times a second at most.
 * - `latest`: they come once a second, and topics of which every message was wanted bring last values too.
 * - `paused`: no telemetry. Events, acknowledgements and all else go on.
 * Below that there is only the end of the connection.
 */
export const DEGRADATIONS = ['none', 'slower', 'latest', 'paused'] as const
/** What a connection is held to: `none` is all that it asked for. */
export type Degradation = (typeof DEGRADATIONS)[number]

/** Bytes and times that move a connection. */
export interface LadderLimits {
  /** More than this waiting, all the time for `downMs`, is one step down; less than `lowBytes` is calm. */
  readonly highBytes: number
  readonly lowBytes: number
  readonly downMs: number
  /** Calm for so long is one step up; twice as long after each climb that did not last, up to `mostUpMs`. */
  readonly upMs: number
  readonly mostUpMs: number
}

/** Where a connection stands on the ladder. level (neither behind nor calm) -> behind -> down; -> calm -> up. */
export interface Ladder {
  readonly step: Degradation
  /** Looks at what waits, once a second or so; gives the new step where it has changed. */
  look(waitingBytes: number, nowMs: number): Degradation | undefined
  /** Back to the top, as for a connection that asks anew. */
  reset(): void
}

/** A ladder at `none`, for one connection. */
export function createLadder({ highBytes, lowBytes, downMs, upMs, mostUpMs }: LadderLimits): Ladder {
  let at = 0
  let patienceMs = upMs
  let behindSince: number | undefined
  let calmSince: number | undefined
  let climbedAt = Number.NEGATIVE_INFINITY

  function move(by: 1 | -1, nowMs: number): Degradation {
    at += by
    if (by < 0) climbedAt = nowMs
    else if (nowMs - climbedAt < patienceMs) patienceMs = Math.min(patienceMs * 2, mostUpMs)
    behindSince = by > 0 ? nowMs : undefined
    calmSince = by < 0 ? nowMs : undefined
    return DEGRADATIONS[at] as Degradation
  }

  function rest(nowMs: number): void {
    // Long at the top: whatever was wrong has passed.
    if (at === 0 && nowMs - climbedAt > mostUpMs) patienceMs = upMs
  }

  return {
    get step() {
      return DEGRADATIONS[at] as Degradation
    },
    look(waitingBytes, nowMs) {
      behindSince = waitingBytes > highBytes ? (behindSince ?? nowMs) : undefined
      calmSince = waitingBytes < lowBytes ? (calmSince ?? nowMs) : undefined
      rest(nowMs)
      if (behindSince !== undefined && nowMs - behindSince >= downMs && at < DEGRADATIONS.length - 1)
        return move(1, nowMs)
      if (calmSince !== undefined && nowMs - calmSince >= patienceMs && at > 0) return move(-1, nowMs)
      return undefined
    },
    reset() {
      at = 0
      behindSince = calmSince = undefined
    }
  }
}
