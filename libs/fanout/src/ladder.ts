/**
 * How much a connection gets of what it asked for, from everything down to the least [adr/0015]:
 * - `none`: nothing is held back.
 * - `slower`: last values of telemetry come four times a second at most.
 * - `latest`: they come once a second, and topics of which every message was wanted bring last values too.
 * - `paused`: no telemetry. Events, acknowledgements and all else go on.
 * Below that there is only the end of the connection.
 */
export const DEGRADATIONS = ['none', 'slower', 'latest', 'paused'] as const
/** One step of the ladder of slow clients, as clients are told it. */
export type Degradation = (typeof DEGRADATIONS)[number]

const LATEST = DEGRADATIONS.indexOf('latest')
const LAST = DEGRADATIONS.length - 1

/** Bytes and times that move a connection. */
export interface LadderLimits {
  /** More than this waiting, all the time for `downMs`, is one step down; less than `lowBytes` is calm. */
  readonly highBytes: number
  /** More than this is a step at once, to `latest` at least: `slower` holds nothing back of what is wanted whole. */
  readonly urgentBytes: number
  readonly lowBytes: number
  readonly downMs: number
  /** Calm for so long is one step up; twice as long after each climb that did not last, up to `mostUpMs`. */
  readonly upMs: number
  readonly mostUpMs: number
}

/**
 * Where a connection stands on the ladder. level (neither behind nor calm) -> behind -> down; -> calm -> up. A new
 * one stands at `none`.
 */
export class Ladder {
  readonly #limits: LadderLimits
  #at = 0
  #patienceMs: number
  #behindSince: number | undefined
  #calmSince: number | undefined
  #climbedAt = Number.NEGATIVE_INFINITY

  constructor(limits: LadderLimits) {
    this.#limits = limits
    this.#patienceMs = limits.upMs
  }

  get step(): Degradation {
    return DEGRADATIONS[this.#at] as Degradation
  }

  /** Looks at what waits, once a second or so; gives the new step where it has changed. */
  look(waitingBytes: number, nowMs: number): Degradation | undefined {
    const { highBytes, urgentBytes, lowBytes, downMs } = this.#limits
    this.#behindSince = waitingBytes > highBytes ? (this.#behindSince ?? nowMs) : undefined
    this.#calmSince = waitingBytes < lowBytes ? (this.#calmSince ?? nowMs) : undefined
    this.#rest(nowMs)
    const isUrgent = waitingBytes > urgentBytes
    if ((isUrgent || lasts(this.#behindSince, nowMs, downMs)) && this.#at < LAST)
      return this.#move(isUrgent ? Math.max(LATEST, this.#at + 1) : this.#at + 1, nowMs)
    if (lasts(this.#calmSince, nowMs, this.#patienceMs) && this.#at > 0)
      return this.#move(this.#at - 1, nowMs)
    return undefined
  }

  /** Back to the top, as for a connection that asks anew. */
  reset(): void {
    this.#at = 0
    this.#behindSince = this.#calmSince = undefined
  }

  #rest(nowMs: number): void {
    const { upMs, mostUpMs } = this.#limits
    // Long at the top: whatever was wrong has passed.
    if (this.#at === 0 && nowMs - this.#climbedAt > mostUpMs) this.#patienceMs = upMs
  }

  #move(to: number, nowMs: number): Degradation {
    const isClimb = to < this.#at
    this.#at = to
    if (isClimb) this.#climbedAt = nowMs
    else if (nowMs - this.#climbedAt < this.#patienceMs)
      this.#patienceMs = Math.min(this.#patienceMs * 2, this.#limits.mostUpMs)
    this.#behindSince = isClimb ? undefined : nowMs
    this.#calmSince = isClimb ? nowMs : undefined
    return this.step
  }
}

const lasts = (since: number | undefined, nowMs: number, ms: number): boolean =>
  since !== undefined && nowMs - since >= ms
