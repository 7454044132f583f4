/**
 * Whether the other side of a socket is still there, told from the instants of a monotonic clock alone. Whoever
 * uses it asks at the instants that `nextMs` gives. A ping goes out every period, and sooner when nothing
 * comes; two periods of silence are an end, and so is a demand that is not met: by a probe, or because the
 * machine's clock jumped, as it does when the machine slept.
 */
const SILENT_PERIODS = 2
/** Part of a ping's period after which silence is worth a question: 2 s of 5. */
const QUIET_PERIODS = 0.4
const PROBE_MS = 4000
/** The machine's clock and ours drift less than this, ms, between two beats. */
const JUMP_MS = 1000

/** Watches one socket from its opening on. All times are milliseconds. */
export class Liveness {
  readonly #pingMs: number
  #heardMs: number
  #pingId = 0
  #sentMs = Number.NEGATIVE_INFINITY
  #mustHearByMs = Number.POSITIVE_INFINITY
  /** Nothing was heard since a beat came late. */
  #isExcused = false
  /** How far the machine's clock is ahead of the monotonic one. */
  #wallAheadMs: number

  constructor(pingMs: number, now: number, wall: number) {
    this.#pingMs = pingMs
    this.#heardMs = now
    this.#wallAheadMs = wall - now
  }

  /** Anything came from the gateway: it lives, and an open question for a sign of life is answered. */
  hear(now: number): void {
    this.#heardMs = now
    this.#mustHearByMs = Number.POSITIVE_INFINITY
    this.#isExcused = false
  }

  /** Asks for a sign of life, with a ping that is due at once. */
  probe(now: number): void {
    this.#demand(now)
    this.#sentMs = Number.NEGATIVE_INFINITY
  }

  /** True when the silence is an end; `dueMs` is when this was to be asked. */
  isSilent(now: number, dueMs: number): boolean {
    // A page that was frozen hears nothing meanwhile; it gets two more periods before silence counts. Only once:
    // in a background page every beat is late, but what comes is heard as it comes.
    if (now - dueMs > this.#pingMs && !this.#isExcused) {
      this.hear(now)
      this.#isExcused = true
    }
    return now - this.#heardMs > SILENT_PERIODS * this.#pingMs || now >= this.#mustHearByMs
  }

  /** True when a ping must go out, by its time or because the machine's clock, `wall`, jumped. */
  isPingDue(now: number, wall: number): boolean {
    const isJump = Math.abs(wall - now - this.#wallAheadMs) > JUMP_MS
    this.#wallAheadMs = wall - now
    if (isJump) this.#demand(now)
    return isJump || now >= this.#pingDueMs()
  }

  /** Notes a ping that goes out now; gives its id. */
  ping(now: number): number {
    this.#sentMs = now
    return ++this.#pingId
  }

  /** When the ping of this id went out; undefined for one that is not the latest. */
  sentMs(id: number): number | undefined {
    return id === this.#pingId ? this.#sentMs : undefined
  }

  /** When something may be due again. */
  nextMs(now: number): number {
    return Math.min(this.#pingDueMs(), this.#mustHearByMs, now + QUIET_PERIODS * this.#pingMs)
  }

  #demand(now: number): void {
    this.#mustHearByMs = Math.min(this.#mustHearByMs, now + PROBE_MS)
  }

  /** A question that has no answer yet is not asked again before its period is over. */
  #pingDueMs(): number {
    const isAnswered = this.#heardMs > this.#sentMs
    const quietMs = isAnswered ? this.#heardMs + QUIET_PERIODS * this.#pingMs : Number.POSITIVE_INFINITY
    return Math.min(this.#sentMs + this.#pingMs, quietMs)
  }
}
