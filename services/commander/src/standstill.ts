import type { Broker } from '@meridian/broker'

/**
 * Knows whether this process has just stood still, as a suspended or starved one does: then requests have
 * waited unread, and whoever asked has long been told that nobody answered.
 * going -> catchingUp (the event loop stood still for more than 2 s) -> going (a round trip to the broker is
 * over: all that it had sent before has been read).
 */
export interface Standstill {
  start(): void
  stop(): void
  /** Whether a message that is read now may have waited while the process stood still. */
  hasWaited(): boolean
}

/** Longer than the event loop of a busy commander is ever blocked. */
const STANDSTILL_MS = 2_000
const TICK_MS = 250

/** The broker whose round trip ends a standstill, and who is told of it. */
export interface StandstillOptions {
  readonly broker: Pick<Broker, 'flush'>
  /** Called with the length of each standstill, ms. */
  readonly onStandstill: (ms: number) => void
  /** A clock that only goes forward; default `performance.now()`. */
  readonly nowMs?: () => number
}

/** Creates one; it watches from `start` on. */
export function createStandstill(options: StandstillOptions): Standstill {
  const { broker, onStandstill, nowMs = () => performance.now() } = options
  let tickMs = Number.POSITIVE_INFINITY
  let timer: NodeJS.Timeout | undefined
  let state: 'going' | 'catchingUp' = 'going'
  let standstills = 0
  let isAsking = false

  // The messages that waited may be read before the timer is served: both look.
  function look(): void {
    const stoodMs = nowMs() - tickMs
    tickMs = Math.max(tickMs, nowMs())
    if (stoodMs <= STANDSTILL_MS) return
    state = 'catchingUp'
    standstills++
    onStandstill(stoodMs)
    void awaitBroker()
  }

  /** Ends catching up once the broker has answered; where it is away, the next tick asks again. */
  async function awaitBroker(): Promise<void> {
    const standstill = standstills
    isAsking = true
    const hasAnswered = await broker.flush().then(
      () => true,
      () => false
    )
    if (standstill !== standstills) return
    isAsking = false
    if (hasAnswered) state = 'going'
  }

  return {
    start() {
      tickMs = nowMs()
      timer = setInterval(() => {
        look()
        if (state === 'catchingUp' && !isAsking) void awaitBroker()
      }, TICK_MS)
    },
    stop: () => clearInterval(timer),
    hasWaited() {
      look()
      return state === 'catchingUp'
    }
  }
}
