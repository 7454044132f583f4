import type { ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import type { Principal } from '@meridian/auth'
import type { AppError } from '@meridian/errors'
import { payloadOf, type Subscriber, type WantedSubscription } from '@meridian/fanout'
import { CLOSE, closeEventOf, encodeControl, retryEventOf } from '@meridian/protocol/live'
import {
  CLOSE_GRACE_MS,
  type ConnectedClient,
  type Connection,
  type ConnectionParts,
  type Ending,
  type LeaveReason,
  SLOW_GRACE_MS,
  welcomeOf
} from './connection.ts'
import type { EventQuery } from './event-query.ts'
import { readWanted } from './wanted-patterns.ts'
import { WorkBudget } from './work-budget.ts'

/** Who asks for what, and the answer that the events go into. */
export interface EventsOpening extends ConnectedClient {
  readonly response: ServerResponse
  /** Of the response; its end is the end of the stream, whatever becomes of the response. */
  readonly socket: Socket
  readonly query: EventQuery
  /** Sends the head of the answer; called once, when the first event is there. */
  readonly onBegin: () => void
}

/** Ms after which a browser is back when its answer has ended. */
export const RETRY_MS = 1_000
/** Number of the one subscription that such a connection has. */
const SUBSCRIPTION = 1
const KEEP_ALIVE = ':\n\n'

/**
 * The gateway's side of one client that reads Server-Sent Events: one subscription, for as long as the answer
 * lasts. asked (nothing was sent; a refusal is still an answer with a status) -> begun (head and events are sent) ->
 * closing (nothing follows any more, what waits is still sent) -> closed (by the response or its socket, whichever
 * is first, or by `drop`; told once).
 */
export class EventStream implements Connection {
  readonly hasCommands = false
  /** Nothing comes from this client: it lives for as long as it takes what it is sent. */
  seenMs = performance.now()
  readonly expiresMs: number
  readonly resumedMs: number | undefined
  leaveByMs: number | undefined
  readonly #parts: ConnectionParts
  readonly principal: Principal
  readonly address: string
  readonly #opening: EventsOpening
  readonly #subscriber: Subscriber
  #state: 'asked' | 'begun' | 'closing' | 'closed' = 'asked'
  #leaving: NodeJS.Timeout | undefined

  constructor(parts: ConnectionParts, opening: EventsOpening) {
    const { hub, maxWorkPerSecond, drawAgeMs } = parts
    const { principal, address, response, socket, query } = opening
    this.#parts = parts
    this.#opening = opening
    this.principal = principal
    this.address = address
    this.expiresMs = this.seenMs + drawAgeMs()
    this.resumedMs = query.cursor === undefined ? undefined : this.seenMs
    const sink = {
      write: (frame: Parameters<typeof payloadOf>[0]) => this.#write(payloadOf(frame)),
      bufferedBytes: () => response.writableLength
    }
    this.#subscriber = hub.attach(sink, 'events', {
      onSlow: () => {
        parts.onSlow(this)
        this.end(CLOSE.tryLater, 'GTW_SLOW_CLIENT', SLOW_GRACE_MS)
      },
      account: new WorkBudget(maxWorkPerSecond),
      asker: [principal.name, address]
    })
    response.on('error', () => {})
    response.once('close', this.#gone)
    socket.once('close', this.#gone)
  }

  /**
   * Subscribes, or continues from the cursor; resolves when that has begun, or when the client is gone. Rejects
   * where nothing of it can be had, with the code that says why: then nothing was sent, and the connection is closed.
   */
  async start(): Promise<void> {
    const { query } = this.#opening
    try {
      if (query.cursor === undefined) await this.#subscriber.subscribe(() => this.#wanted())
      else await this.#subscriber.resume(query.cursor, () => [this.#wanted()])
    } catch (caught) {
      this.#stop()
      throw caught
    }
  }

  /** Who waits for what he asked owes us nothing yet: he is here until his socket closes. */
  ping(): void {
    if (this.#state === 'begun') this.#write(KEEP_ALIVE)
    else if (this.#state === 'asked') this.seenMs = performance.now()
  }

  /** A reader of events cannot connect anew before the old answer has ended, so that ends after `afterMs`. */
  hint(reason: LeaveReason, afterMs: number, deadlineMs: number): void {
    this.leaveByMs = performance.now() + deadlineMs
    this.#subscriber.tell({ op: 'reconnect', reason, afterMs, deadlineMs })
    this.#leaving = setTimeout(() => this.#finish('', CLOSE_GRACE_MS), afterMs)
  }

  end({ code }: Ending, reason: string, graceMs = CLOSE_GRACE_MS): void {
    this.#finish(closeEventOf(code, reason), graceMs)
  }

  logOut(err: AppError): void {
    this.#parts.onRefused(err.code)
    this.#subscriber.tell({ op: 'error', error: err.toWire() })
    this.end(CLOSE.loggedOut, err.code)
  }

  drop(): void {
    this.#opening.response.destroy()
    this.#gone()
  }

  #wanted(): WantedSubscription {
    const { query, principal, address } = this.#opening
    const { hub, rights, site, onRefused, audit } = this.#parts
    const errors: AppError[] = []
    const asked = { id: SUBSCRIPTION, patterns: query.patterns }
    const wanted = readWanted(asked, { hub, rights, site, principal }, err => {
      errors.push(err)
      audit.tellRefused(err, { name: principal.name, address })
    })
    if (wanted.patterns.length === 0) throw errors[0] as AppError
    for (const { code } of errors) onRefused(code)
    return wanted
  }

  #write(bytes: Buffer | string): void {
    if (this.#isOver()) return
    if (this.#state === 'asked') this.#begin()
    if (bytes.length > 0) this.#opening.response.write(bytes, this.#taken)
  }

  readonly #taken = (err?: Error | null): void => {
    if (err === undefined || err === null) this.seenMs = performance.now()
  }

  #begin(): void {
    this.#state = 'begun'
    const { onBegin, response, principal } = this.#opening
    onBegin()
    response.write(retryEventOf(RETRY_MS))
    response.write(encodeControl('events', welcomeOf(this.#parts, principal)))
  }

  #finish(last: string, graceMs: number): void {
    if (this.#isOver()) return
    this.#subscriber.flush()
    this.#write(last)
    this.#stop()
    this.#opening.response.end()
    this.#leaving = setTimeout(() => this.drop(), graceMs)
  }

  #isOver(): boolean {
    return this.#state === 'closing' || this.#state === 'closed'
  }

  #stop(): void {
    this.#state = 'closing'
    clearTimeout(this.#leaving)
    this.#subscriber.close()
  }

  readonly #gone = (): void => {
    if (this.#state === 'closed') return
    this.#stop()
    this.#state = 'closed'
    this.#opening.socket.off('close', this.#gone)
    this.#parts.onClosed(this)
  }
}
