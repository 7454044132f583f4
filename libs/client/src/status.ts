import { taiSecondsOf } from '@meridian/time'
import type { Clock } from './clock.ts'
import type { Closable, ConnectionState } from './connection.ts'
import type { Welcome } from './gateway-socket.ts'
import { guarded } from './registry.ts'
import type { ClientState, ClientStatus } from './types.ts'

/** What is known of the gateway, apart from the state of the connection. */
type StatusFacts = Omit<ClientStatus, 'state' | 'sinceMs' | 'attempt' | 'error'>

/** What a gateway says of itself when it greets. */
export type Greeting = Pick<Welcome, 'gateway' | 'site' | 'principal' | 'broker'> & {
  readonly clockOffsetMs: number
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
  ponged(time: number, roundTripMs: number): void
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

/** A status that knows nothing of a gateway yet. */
export function createStatus(
  clock: Clock,
  state: () => ConnectionState<Closable>,
  attempt: () => number
): Status {
  const listeners = new Set<(status: ClientStatus) => void>()
  let sinceMs = clock.nowMs()
  let shown: ClientState = 'idle'
  let facts: StatusFacts = { broker: 'unknown' }

  function now(): ClientStatus {
    const current = state()
    const end = current.kind === 'waiting' || current.kind === 'closed' ? current.end : undefined
    const status = { ...facts, state: stateOf[current.kind], sinceMs, attempt: attempt() }
    return end === undefined ? status : { ...status, error: end.error }
  }

  function note(more: Partial<StatusFacts>): void {
    facts = { ...facts, ...more }
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
      if (greeting !== undefined) note(greeting)
      if (next !== 'live') note({ broker: 'unknown' })
      tell()
    },
    heard: () => note({ lastMessageMs: clock.nowMs() }),
    updated: () => note({ lastUpdateMs: clock.nowMs() }),
    ponged: (time, roundTripMs) =>
      learn({ roundTripMs, clockOffsetMs: offsetOf(time, clock.nowMs() - roundTripMs / 2) })
  }
}

/** What a welcome says, with the clock read at its arrival. */
export function greetingOf({ gateway, site, principal, broker, time }: Welcome, clock: Clock): Greeting {
  return { gateway, site, principal, broker, clockOffsetMs: offsetOf(time, clock.nowMs()) }
}

const offsetOf = (taiSeconds: number, utcMs: number): number => (taiSeconds - taiSecondsOf(utcMs)) * 1000
