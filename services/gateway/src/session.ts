import { type Principal, tokenSecondsLeft } from '@meridian/auth'
import { AppError, type WireError } from '@meridian/errors'
import type { Asker, Subscriber, SubscriberHooks, WantedSubscription } from '@meridian/fanout'
import {
  CLOSE,
  type ClientFrame,
  type Codec,
  decodeCursor,
  parseClientFrame,
  type SubscriptionRequest
} from '@meridian/protocol/live'
import { systemClock } from '@meridian/time'
import type { WebSocket } from 'ws'
import { ClientAllowance, type FrameLimits } from './client-allowance.ts'
import type { CommandDoor } from './command-door.ts'
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
import { idOf } from './frame-id.ts'
import { FrameSocket } from './frame-socket.ts'
import { hasSameRights, renewedPrincipal } from './renewed-principal.ts'
import { readWanted } from './wanted-patterns.ts'
import type { Deflater } from './wire-frame.ts'
import { WorkBudget } from './work-budget.ts'
import type { WorkFrame } from './work-frame.ts'
import { type FrameWorker, WorkQueue } from './work-queue.ts'

/** What a session is known by when its socket opens. */
export interface SessionOpening extends ConnectedClient {
  /** Has a listener for its errors. */
  readonly ws: WebSocket
  readonly codec: Codec
}

/** The parts of the gateway that serve every session; one object for all of them. */
export interface SessionParts extends ConnectionParts, FrameLimits {
  readonly deflater: Deflater
  readonly commands: CommandDoor
}

const MAX_COMMANDS = 32
/** Answers to pings of WebSocket that wait for a client which does not read them. */
const MAX_PONGS = 200

/**
 * The gateway's side of one client's WebSocket connection: answers its frames and owns its subscriber of the
 * hub. open (frames that cost work are done in order: while one awaits its turn or is under way, those behind it
 * queue; pings and commands are answered at once) -> closing (close frame sent, nothing more is sent) -> closed (by the socket).
 * There are thousands, most of them idle: what is the same for all stands in `SessionParts`, and what few need is
 * made when they need it.
 */
export class Session implements Connection, SubscriberHooks, FrameWorker {
  seenMs = performance.now()
  readonly expiresMs: number
  resumedMs: number | undefined
  leaveByMs: number | undefined
  principal: Principal
  readonly account: WorkBudget
  readonly #parts: SessionParts
  readonly #ws: WebSocket
  readonly #codec: Codec
  readonly address: string
  readonly #allowance: ClientAllowance
  readonly #subscriber: Subscriber
  #state: 'open' | 'closing' = 'open'
  readonly #work = new WorkQueue(this)
  #hinted: LeaveReason | undefined
  #commands = 0
  #pongs = 0
  #isPinged = false

  constructor(parts: SessionParts, { ws, codec, principal, address }: SessionOpening) {
    this.#parts = parts
    this.#ws = ws
    this.#codec = codec
    this.address = address
    this.principal = principal
    this.expiresMs = this.seenMs + parts.drawAgeMs()
    this.account = new WorkBudget(parts.maxWorkPerSecond)
    this.#allowance = new ClientAllowance(parts)
    this.#subscriber = parts.hub.attach(new FrameSocket(ws, parts.deflater), codec, this)
    ws.on('message', (data, isBinary) => this.#receive(data as Buffer, isBinary))
    ws.on('pong', () => this.#takePong())
    ws.on('ping', data => this.#answerPing(data))
    ws.on('close', () => this.#closed())
    this.#subscriber.tell(welcomeOf(parts, principal))
  }

  get asker(): Asker {
    return [this.principal.name, this.address]
  }

  get isOpen(): boolean {
    return this.#state === 'open'
  }

  get hasCommands(): boolean {
    return this.#commands > 0
  }

  ping(): void {
    if (this.#state !== 'open') return
    this.#isPinged = true
    this.#ws.ping()
  }

  hint(reason: LeaveReason, afterMs: number, deadlineMs: number): void {
    this.leaveByMs = performance.now() + deadlineMs
    this.#hinted = reason
    this.#subscriber.tell({ op: 'reconnect', reason, afterMs, deadlineMs })
  }

  /** Sends what waits, then the close frame; ends the socket where the client does not. */
  end({ code }: Ending, reason: string, graceMs = CLOSE_GRACE_MS): void {
    if (this.#state !== 'open') return
    this.#state = 'closing'
    const ws = this.#ws
    this.#subscriber.flush()
    this.#subscriber.close()
    ws.close(code, reason)
    const timer = setTimeout(() => ws.terminate(), graceMs)
    ws.once('close', () => clearTimeout(timer))
  }

  logOut(err: AppError): void {
    this.#subscriber.tell({ op: 'error', error: this.#counted(err) })
    this.end(CLOSE.loggedOut, err.code)
  }

  drop(): void {
    this.#ws.terminate()
  }

  /** Too much waits already, so the close frame stands behind it: the client gets it if it still reads. */
  onSlow(): void {
    if (this.#state === 'open') this.#parts.onSlow(this)
    this.end(CLOSE.tryLater, 'GTW_SLOW_CLIENT', SLOW_GRACE_MS)
  }

  #closed(): void {
    this.#subscriber.close()
    this.#parts.onClosed(this)
  }

  #receive(data: Buffer, isBinary: boolean): void {
    this.seenMs = performance.now()
    if (this.#state !== 'open') return
    try {
      const read = (): ClientFrame => parseClientFrame(this.#contentOf(data, isBinary))
      this.#allowance.assertFrame(data, read)
      this.#answer(read())
    } catch (caught) {
      this.#refuse(AppError.from(caught))
    }
  }

  /**
   * A ping of WebSocket counts as a frame: `ws` itself ends a connection without a word for more than 60 at
   * once.
   */
  #answerPing(data: Buffer): void {
    this.seenMs = performance.now()
    if (this.#state !== 'open') return
    if (this.#allowance.takeFrame() && this.#pongs < MAX_PONGS) {
      this.#pongs++
      this.#ws.pong(data, false, () => this.#pongs--)
    } else this.#refuse(new AppError('GTW_TOO_FAST'))
  }

  /** The answer to our ping is free; one that nobody asked for counts as a frame. */
  #takePong(): void {
    this.seenMs = performance.now()
    if (this.#state !== 'open') return
    if (!this.#isPinged && !this.#allowance.takeFrame()) this.#refuse(new AppError('GTW_TOO_FAST'))
    this.#isPinged = false
  }

  #contentOf(data: Buffer, isBinary: boolean): string | Uint8Array {
    if (isBinary === (this.#codec === 'msgpack')) return isBinary ? data : data.toString('utf8')
    const detail = isBinary
      ? 'bytes on a connection that speaks JSON'
      : 'text on a connection that speaks MessagePack'
    throw new AppError('GTW_BAD_FRAME', { detail })
  }

  #answer(frame: ClientFrame): void {
    try {
      this.#dispatch(frame)
    } catch (caught) {
      this.refuseFrame(frame, caught)
    }
  }

  refuseFrame(frame: ClientFrame, caught: unknown): void {
    const err = AppError.from(caught)
    this.#refuse(new AppError(err.code, { cause: err, id: idOf(frame), ...err.facts }))
  }

  #dispatch(frame: ClientFrame): void {
    switch (frame.op) {
      case 'subscribe':
      case 'unsubscribe':
      case 'resume':
        this.#work.take(frame)
        break
      case 'command':
        this.#command(frame)
        break
      case 'authenticate':
        this.#authenticate(frame)
        break
      case 'ping':
        this.#subscriber.tell({ op: 'pong', id: frame.id, time: systemClock.taiSeconds() })
        break
      default:
        // An operation that the parser knows and nobody answers here must not pass for another one.
        throw new AppError('GTW_UNKNOWN_OP', { op: (frame satisfies never as ClientFrame).op })
    }
  }

  perform(frame: WorkFrame): void | Promise<void> {
    if (frame.op === 'subscribe') return this.#subscriber.subscribe(() => this.#wantedOf(frame))
    if (frame.op === 'unsubscribe') return this.#subscriber.unsubscribe(frame.id)
    const cursor = decodeCursor(frame.cursor)
    this.resumedMs = performance.now()
    return this.#subscriber.resume(cursor, () => frame.subscriptions.map(one => this.#wantedOf(one)))
  }

  #command(frame: Extract<ClientFrame, { op: 'command' }>): void {
    if (this.#commands >= MAX_COMMANDS) throw new AppError('GTW_TOO_MANY_COMMANDS', { limit: MAX_COMMANDS })
    this.#commands++
    void this.#parts.commands.ask(frame, this.principal).then(record => {
      this.#commands--
      this.#subscriber.tell(record)
    })
  }

  #authenticate({ id, token }: Extract<ClientFrame, { op: 'authenticate' }>): void {
    const { access } = this.#parts
    const renew = (principal: Principal): void => {
      if (this.#state !== 'open') return
      // The revocation of the token before may come later: what it let him read ends now.
      if (!hasSameRights(principal, this.principal)) {
        this.logOut(new AppError('AUT_REVOKED', { detail: 'roles' }))
        return
      }
      this.principal = principal
      if (this.#hinted === 'maxage' && performance.now() < this.expiresMs) this.leaveByMs = undefined
      const left = tokenSecondsLeft(principal)
      this.#subscriber.tell({
        ...{ op: 'authenticated', id },
        ...(left !== undefined && { expiresIn: Math.floor(left) })
      })
    }
    renewedPrincipal(access, token, this.principal)
      .then(renew)
      .catch((caught: unknown) => {
        const err = AppError.from(caught).with({ id })
        this.#tellRefused(err)
        this.#refuse(err)
      })
  }

  #wantedOf(subscription: SubscriptionRequest): WantedSubscription {
    const { hub, rights, site } = this.#parts
    const door = { hub, rights, site, principal: this.principal }
    return readWanted(subscription, door, err => {
      this.#tellRefused(err)
      this.#counted(err)
    })
  }

  #tellRefused(err: AppError): void {
    this.#parts.audit.tellRefused(err, { name: this.principal.name, address: this.address })
  }

  #counted(err: AppError): WireError {
    this.#parts.onRefused(err.code)
    return err.toWire()
  }

  #refuse(err: AppError): void {
    const id = err.facts['id']
    const named = typeof id === 'number' || typeof id === 'string' ? { id } : {}
    this.#subscriber.tell({ op: 'error', ...named, error: this.#counted(err) })
    const ending = this.#allowance.endingAfter(err)
    if (ending !== undefined) this.end(ending, err.code)
  }
}
