import type { Principal, Rights } from '@meridian/auth'
import { AppError, type WireError } from '@meridian/errors'
import type { Hub, RefusedPattern, SubscribedPattern, Subscriber, WantedSubscription } from '@meridian/fanout'
import {
  CLOSE,
  type ClientFrame,
  type Codec,
  decodeCursor,
  type PatternRequest,
  parseClientFrame,
  type SubscriptionRequest
} from '@meridian/protocol/live'
import { systemClock } from '@meridian/time'
import type { WebSocket } from 'ws'
import type { CommandDoor } from './command-door.ts'
import type { FrameRate } from './frame-rate.ts'
import { createFrameSocket } from './frame-socket.ts'
import type { Deflater } from './wire-frame.ts'
import type { WorkBudget } from './work-budget.ts'

/** How a session ends: one of the close codes. */
export type Ending = (typeof CLOSE)[keyof typeof CLOSE]

/** The connection, its principal, and the parts of the gateway that serve it. */
export interface SessionParts {
  readonly ws: WebSocket
  readonly codec: Codec
  readonly principal: Principal
  /** Address that it comes from, as far as proxies are trusted to tell it. */
  readonly address: string
  readonly hub: Hub
  readonly deflater: Deflater
  readonly rights: Rights
  readonly commands: CommandDoor
  readonly rate: FrameRate
  readonly budget: WorkBudget
  readonly maxFrameBytes: number
  /** Ms after which the client is asked to connect anew. */
  readonly maxAgeMs: number
  readonly gateway: string
  readonly site: string
  readonly broker: () => 'connected' | 'lost'
  /** Called with the code of each refused frame. */
  readonly onRefused: (code: string) => void
}

/** Frames that are nonsense, or that come too fast, before the connection is ended. */
const MAX_STRIKES = 50
const MAX_TOO_FAST = 500
/** Frames that cost work and may wait while an earlier one is worked on or awaits its turn. */
const MAX_QUEUED = 64
const MAX_COMMANDS = 32
/**
 * From our close frame to the end of the socket, for clients that do not answer it; longer where much stands
 * before it.
 */
const CLOSE_GRACE_MS = 1_000
const SLOW_GRACE_MS = 5_000

/**
 * The gateway's side of one client's WebSocket connection: answers its frames and owns its subscriber of the
 * hub. open (frames that cost work are done in order: while one awaits its turn or is under way, those behind it
 * queue; pings and commands are answered at once) -> closing (close frame sent, nothing more is sent) -> closed (by the socket).
 */
export class Session {
  /** When something last came from the client, ms of `performance.now()`. */
  seenMs = performance.now()
  /** When the client has been here long enough. */
  readonly expiresMs: number
  /** When the client came with a cursor; undefined where it never did. */
  resumedMs: number | undefined
  /** When a client that was hinted away must be gone; undefined for one that was not. */
  leaveByMs: number | undefined
  readonly principal: Principal
  readonly #parts: SessionParts
  readonly #subscriber: Subscriber
  #state: 'open' | 'closing' = 'open'
  #isWorking = false
  readonly #queue: WorkFrame[] = []
  #strikes = 0
  #tooFast = 0
  #commands = 0

  constructor(parts: SessionParts) {
    this.#parts = parts
    this.principal = parts.principal
    this.expiresMs = this.seenMs + parts.maxAgeMs
    const { ws, hub, deflater, codec, gateway, site, principal, address, broker, budget: account } = parts
    const asker = [principal.name, address] as const
    this.#subscriber = hub.attach(createFrameSocket(ws, deflater), codec, {
      onSlow: () => this.#cutOff(),
      ...{ account, asker }
    })
    ws.on('message', (data, isBinary) => this.#receive(data as Buffer, isBinary))
    ws.on('pong', () => {
      this.seenMs = performance.now()
    })
    ws.on('close', () => this.#subscriber.close())
    ws.on('error', () => {})
    this.#subscriber.tell({
      op: 'welcome',
      protocol: 1,
      gateway,
      site,
      principal: principal.name,
      time: systemClock.taiSeconds(),
      broker: broker()
    })
  }

  /** Whether a command waits for its answer, which only this connection gets. */
  get hasCommands(): boolean {
    return this.#commands > 0
  }

  ping(): void {
    if (this.#state === 'open') this.#parts.ws.ping()
  }

  /** Asks the client to come back elsewhere; who asks ends the session at the deadline. */
  hint(reason: 'drain' | 'rebalance' | 'maxage', afterMs: number, deadlineMs: number): void {
    this.leaveByMs = performance.now() + deadlineMs
    this.#subscriber.tell({ op: 'reconnect', reason, afterMs, deadlineMs })
  }

  /** Sends what waits, then the close frame; ends the socket where the client does not. */
  end({ code }: Ending, reason: string, graceMs = CLOSE_GRACE_MS): void {
    if (this.#state !== 'open') return
    this.#state = 'closing'
    const { ws } = this.#parts
    this.#subscriber.flush()
    this.#subscriber.close()
    ws.close(code, reason)
    const timer = setTimeout(() => ws.terminate(), graceMs)
    ws.once('close', () => clearTimeout(timer))
  }

  /** Ends the socket without a word. */
  drop(): void {
    this.#parts.ws.terminate()
  }

  /** Too much waits already, so the close frame stands behind it: the client gets it if it still reads. */
  #cutOff(): void {
    this.end(CLOSE.tryLater, 'GTW_SLOW_CLIENT', SLOW_GRACE_MS)
  }

  #receive(data: Buffer, isBinary: boolean): void {
    this.seenMs = performance.now()
    if (this.#state !== 'open') return
    try {
      this.#assertAllowed(data)
      this.#take(parseClientFrame(this.#contentOf(data, isBinary)))
    } catch (caught) {
      this.#refuse(AppError.from(caught))
    }
  }

  #assertAllowed(data: Buffer): void {
    const { rate, maxFrameBytes } = this.#parts
    if (!rate.take()) throw new AppError('GTW_TOO_FAST')
    if (data.length > maxFrameBytes) throw new AppError('GTW_FRAME_TOO_LARGE', { limit: maxFrameBytes })
  }

  #contentOf(data: Buffer, isBinary: boolean): string | Uint8Array {
    const { codec } = this.#parts
    if (isBinary === (codec === 'msgpack')) return isBinary ? data : data.toString('utf8')
    const detail = isBinary
      ? 'bytes on a connection that speaks JSON'
      : 'text on a connection that speaks MessagePack'
    throw new AppError('GTW_BAD_FRAME', { detail })
  }

  #take(frame: ClientFrame): void {
    if (!this.#isWorking || !isWork(frame)) this.#answer(frame)
    else if (this.#queue.length < MAX_QUEUED) this.#queue.push(frame)
    else throw new AppError('GTW_TOO_FAST', { id: idOf(frame) })
  }

  #answer(frame: ClientFrame): void {
    try {
      this.#dispatch(frame)
    } catch (caught) {
      this.#refuseFrame(frame, caught)
    }
  }

  #refuseFrame(frame: ClientFrame, caught: unknown): void {
    const err = AppError.from(caught)
    this.#refuse(new AppError(err.code, { cause: err, id: idOf(frame), ...err.facts }))
  }

  #dispatch(frame: ClientFrame): void {
    switch (frame.op) {
      case 'subscribe':
      case 'unsubscribe':
      case 'resume':
        this.#work(frame)
        break
      case 'command':
        this.#command(frame)
        break
      case 'ping':
        this.#subscriber.tell({ op: 'pong', id: frame.id, time: systemClock.taiSeconds() })
        break
      default:
        // An operation that the parser knows and nobody answers here must not pass for another one.
        throw new AppError('GTW_UNKNOWN_OP', { op: (frame satisfies never as ClientFrame).op })
    }
  }

  /** Does what costs work when the connection's budget allows it; then it takes turns with all others. */
  #work(frame: WorkFrame): void {
    this.#isWorking = true
    const waitMs = this.#parts.budget.waitMs()
    if (waitMs === 0) this.#begin(frame)
    else setTimeout(() => this.#begin(frame), waitMs)
  }

  #begin(frame: WorkFrame): void {
    const end = (): void => {
      this.#isWorking = false
      this.#answerQueued()
    }
    const fail = (caught: unknown): void => this.#refuseFrame(frame, caught)
    if (this.#state !== 'open') return
    try {
      const done = this.#perform(frame)
      if (done instanceof Promise) void done.catch(fail).finally(end)
      else end()
    } catch (caught) {
      fail(caught)
      end()
    }
  }

  #perform(frame: WorkFrame): void | Promise<void> {
    if (frame.op === 'subscribe') return this.#subscriber.subscribe(() => this.#wantedOf(frame))
    if (frame.op === 'unsubscribe') return this.#subscriber.unsubscribe(frame.id)
    const cursor = decodeCursor(frame.cursor)
    this.resumedMs = performance.now()
    return this.#subscriber.resume(cursor, () => frame.subscriptions.map(one => this.#wantedOf(one)))
  }

  // Frames that cost work answer the rest of the queue themselves when they end.
  #answerQueued(): void {
    while (!this.#isWorking && this.#state === 'open') {
      const next = this.#queue.shift()
      if (next === undefined) return
      this.#answer(next)
    }
  }

  #command(frame: Extract<ClientFrame, { op: 'command' }>): void {
    if (this.#commands >= MAX_COMMANDS) throw new AppError('GTW_TOO_MANY_COMMANDS', { limit: MAX_COMMANDS })
    this.#commands++
    void this.#parts.commands.ask(frame, this.principal).then(record => {
      this.#commands--
      this.#subscriber.tell(record)
    })
  }

  /** The patterns that this principal may read, decided; the others by name. */
  #wantedOf({ id, patterns }: SubscriptionRequest): WantedSubscription {
    const readable: SubscribedPattern[] = []
    const refused: RefusedPattern[] = []
    for (const asked of patterns) {
      try {
        readable.push(...this.#readable(asked))
      } catch (caught) {
        refused.push({ pattern: asked.pattern, error: this.#counted(AppError.from(caught)) })
      }
    }
    return { id, patterns: readable, refused }
  }

  #readable(asked: PatternRequest): readonly SubscribedPattern[] {
    const { hub, rights } = this.#parts
    const whole = hub.readPattern(asked)
    const parts = rights.readable(this.principal, asked.pattern)
    if (parts.length === 0) throw new AppError('GTW_NOT_READABLE')
    if (parts.length === 1 && parts[0] === asked.pattern) return [whole]
    return parts.map(pattern => hub.readPattern({ ...asked, pattern }))
  }

  #counted(err: AppError): WireError {
    this.#parts.onRefused(err.code)
    return err.toWire()
  }

  #refuse(err: AppError): void {
    const id = err.facts['id']
    const named = typeof id === 'number' || typeof id === 'string' ? { id } : {}
    this.#subscriber.tell({ op: 'error', ...named, error: this.#counted(err) })
    if (err.code === 'GTW_FRAME_TOO_LARGE') this.end(CLOSE.tooLarge, err.code)
    else if (err.code === 'GTW_TOO_FAST' && ++this.#tooFast >= MAX_TOO_FAST)
      this.end(CLOSE.tryLater, err.code)
    else if (isNonsense(err) && ++this.#strikes >= MAX_STRIKES) this.end(CLOSE.protocolError, err.code)
  }
}

/** A frame whose answer takes work that grows with topics and patterns. */
type WorkFrame = Extract<ClientFrame, { op: 'subscribe' | 'unsubscribe' | 'resume' }>

const isWork = (frame: ClientFrame): frame is WorkFrame =>
  frame.op === 'subscribe' || frame.op === 'unsubscribe' || frame.op === 'resume'

const idOf = (frame: ClientFrame): number | string | undefined => ('id' in frame ? frame.id : undefined)

const isNonsense = ({ code }: AppError): boolean => code === 'GTW_BAD_FRAME' || code === 'GTW_UNKNOWN_OP'
