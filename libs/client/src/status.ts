import type { Clock } from './clock.ts'
import { type ClockReading, createClockOffset } from './clock-offset.ts'
import type { Closable, ConnectionState } from './connection.ts'
import type { Welcome } from './gateway-socket.ts'
import { guarded } from './registry.ts'
import type { ClientState, ClientStatus } from './types.ts'

/** What is known of the gateway, apart from the state of the connection. */
type StatusFacts = Omit<ClientStatus, 'state' | 'sinceMs' | 'attempt' | 'error'>

/** What a gateway says of itself and of the connection, at first when it greets, and what its clock said then. */
export interface Greeting {
  readonly facts: Pick<Welcome, 'gateway' | 'site' | 'principal' | 'broker'> & Pick<ClientStatus, 'degraded'>
  readonly reading: ClockReading
}

/** The status of a client and those who want to know it. */
export interface Status {
  now(): ClientStatus
  listen(listener: (status: ClientStatus) => void): () => void
  facts(): StatusFacts
  /** The connection entered another state; `greeting` is of the gateway that it is live with. */
  changed(greeting: Greeting | undefined): void
  /** Merges what became known and calls every listener. */
  learn(more: Partial<StatusFacts>): void
  heard(): void
  updated(): void
  ponged(reading: ClockReading): void
}

const stateOf: Readonly<Record<ConnectionState<Closable>['kind'], ClientState>> = {
  idle: 'idle',
  connecting: 'connecting',
  live: 'live',
  // Nothing is missing while a second connection is made.
  moving: 'live',
  waiting: 'waiting',
  closed: 'closed'
}

/** What a status says for as long as no gateway has said anything else. */
export const UNTOLD = { broker: 'unknown', degraded: 'none' } as const

/** A status that knows nothing of a gateway yet. */
export function createStatus(
  clock: Clock,
  state: () => ConnectionState<Closable>,
  attempt: () => number
): Status {
  const listeners = new Set<(status: ClientStatus) => void>()
  let sinceMs = clock.nowMs()
  let shown: ClientState = 'idle'
  let facts: StatusFacts = UNTOLD
  const offset = createClockOffset()

  function now(): ClientStatus {
    const current = state()
    const end = current.kind === 'waiting' || current.kind === 'closed' ? current.end : undefined
    const status = { ...facts, state: stateOf[current.kind], sinceMs, attempt: attempt() }
    return end === undefined ? status : { ...status, error: end.error }
  }

  function note(more: Partial<StatusFacts>): void {
    facts = { ...facts, ...more }
  }

  function measured(reading: ClockReading): Partial<StatusFacts> {
    return { clockOffsetMs: offset.measure(reading), clockMeasuredMs: reading.heardMs }
  }

  function tell(): void {
    const status = now()
    for (const listener of [...listeners]) guarded(() => listener(status))
  }

  function learn(more: Partial<StatusFacts>): void {
    note(more)
    tell()
  }

  return {
    now,
    learn,
    facts: () => facts,
    listen(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    changed(greeting) {
      const next = stateOf[state().kind]
      if (next !== shown) sinceMs = clock.nowMs()
      shown = next
      if (greeting !== undefined) note({ ...greeting.facts, ...measured(greeting.reading) })
      if (next !== 'live') note(UNTOLD)
      tell()
    },
    heard: () => note({ lastMessageMs: clock.nowMs() }),
    updated: () => note({ lastUpdateMs: clock.nowMs() }),
    ponged: reading => learn({ roundTripMs: reading.heardMs - reading.sentMs, ...measured(reading) })
  }
}

/** What a welcome says; `openedMs` is when its socket was opened. */
export function greetingOf(
  { gateway, site, principal, broker, time }: Welcome,
  openedMs: number,
  clock: Clock
): Greeting {
  const reading = { time, sentMs: openedMs, heardMs: clock.nowMs() }
  return { facts: { ...UNTOLD, gateway, site, principal, broker }, reading }
}
