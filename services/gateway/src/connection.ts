import type { Access, Principal, Rights } from '@meridian/auth'
import type { AuditPart } from '@meridian/auth/audit'
import type { AppError } from '@meridian/errors'
import type { Hub } from '@meridian/fanout'
import type { CLOSE, ControlRecord } from '@meridian/protocol/live'
import { systemClock } from '@meridian/time'

/** How a connection ends: one of the close codes. */
export type Ending = (typeof CLOSE)[keyof typeof CLOSE]

/** Why a client is asked to come back elsewhere. */
export type LeaveReason = Extract<ControlRecord, { op: 'reconnect' }>['reason']

/** A client's connection as far as it is counted, watched and sent away, whatever it speaks. */
export interface Connection extends ConnectedClient {
  /** When its client was last seen alive, ms of `performance.now()`. */
  readonly seenMs: number
  /** When the client has been here long enough. */
  readonly expiresMs: number
  /** When the client came with a cursor; undefined where it never did. */
  readonly resumedMs: number | undefined
  /** When a client that was hinted away must be gone; undefined for one that was not. */
  leaveByMs: number | undefined
  /** Whether a command waits for its answer, which only this connection gets. */
  readonly hasCommands: boolean
  /** Sends what keeps the connection alive. */
  ping(): void
  /** Asks the client to come back elsewhere; who asks ends the connection at the deadline. */
  hint(reason: LeaveReason, afterMs: number, deadlineMs: number): void
  /** Sends what waits and says why, then ends the connection. */
  end(ending: Ending, reason: string): void
  /** Says why its principal may be here no more, then ends the connection with 4401. */
  logOut(err: AppError): void
  /** Ends it without a word. */
  drop(): void
}

/**
 * From our last word to the end of the socket, for clients that do not take it; longer where much stands before it.
 */
export const CLOSE_GRACE_MS = 1_000
/** The same for a client that was too slow. */
export const SLOW_GRACE_MS = 5_000

/** Who is at the other end of a connection. */
export interface ConnectedClient {
  readonly principal: Principal
  /** Address that it comes from, as far as proxies are trusted to tell it. */
  readonly address: string
}

/** The parts of the gateway that serve every connection; one object for all of them. */
export interface ConnectionParts {
  readonly hub: Hub
  readonly rights: Rights
  readonly access: Pick<Access, 'identify' | 'secondsLeft'>
  /** Units of work that each connection may ask for per second. */
  readonly maxWorkPerSecond: number
  /** Draws the ms after which one client is asked to connect anew. */
  readonly drawAgeMs: () => number
  readonly gateway: string
  readonly site: string
  readonly broker: () => 'connected' | 'lost'
  /** Who was refused for his rights or his token is told to the audit. */
  readonly audit: Pick<AuditPart, 'tellRefused'>
  /** Called with the code of each refused frame or pattern. */
  readonly onRefused: (code: string) => void
  /** Called by each connection when its socket has closed. */
  readonly onClosed: (connection: Connection) => void
  /** Called with each client that is closed because it reads too slowly. */
  readonly onSlow: (client: ConnectedClient) => void
}

/** The first record of a connection. */
export const welcomeOf = (
  { gateway, site, broker }: ConnectionParts,
  principal: Principal
): ControlRecord => ({
  op: 'welcome',
  protocol: 1,
  gateway,
  site,
  principal: principal.name,
  time: systemClock.taiSeconds(),
  broker: broker()
})
