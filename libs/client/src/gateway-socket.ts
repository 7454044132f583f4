import type { WireError } from '@meridian/errors'
import { type ClientFrame, type ControlRecord, FINAL_CODES, type ServerRecord } from '@meridian/protocol/live'
import { sdkError } from './client-error.ts'
import type { Clock } from './clock.ts'
import type { ClockReading } from './clock-offset.ts'
import type { Codec } from './codec.ts'
import { Liveness } from './liveness.ts'
import type { WebSocketLike } from './types.ts'

/**
 * One WebSocket from its opening to its end, once.
 *
 * opening: the socket is not open or `welcome` has not come; ends after two periods of a ping. up: records flow;
 * pings ask whether the other side is there (half-open: a browser sees no protocol ping), as `liveness.ts` says.
 * ended: by the other side, by a frame that cannot be read, by silence, or by `close`, which alone is not reported.
 */
export interface GatewaySocket {
  send(frame: ClientFrame): void
  /** Asks for a sign of life; without one within 4 s the socket ends. */
  probe(): void
  /** Ends the socket; nothing is reported any more. */
  close(code: number, reason: string): void
}

/** Why a socket ended. `final`: connecting again cannot help. */
export interface SocketEnd {
  readonly final: boolean
  readonly error: WireError
}

/** First record of a connection: the gateway's name, site and clock, and who it takes us for. */
export type Welcome = Extract<ControlRecord, { op: 'welcome' }>
type Pong = Extract<ControlRecord, { op: 'pong' }>

/** How a socket is opened, and the handlers of what it receives. */
export interface GatewaySocketOptions {
  readonly open: () => WebSocketLike
  readonly codec: Codec
  readonly clock: Clock
  readonly pingMs: number
  onWelcome(welcome: Welcome): void
  /**
   * All records of one message, in order. A throw ends the connection: what cannot be understood must be
   * asked for again.
   */
  onRecords(records: readonly ServerRecord[]): void
  onPong(reading: ClockReading): void
  onEnd(end: SocketEnd): void
}

/** A welcome may take so many periods of a ping, as long as silence may last later. */
const GREETING_PERIODS = 2
/** Our own close codes, of the range that a page may use. */
const CLOSE_UNREADABLE = 4002
const CLOSE_SILENT = 4008

/** Opens a socket. An address that the platform refuses ends it at once, but never before this returns. */
export const createGatewaySocket = (options: GatewaySocketOptions): GatewaySocket => new Socket(options)

class Socket implements GatewaySocket {
  readonly #options: GatewaySocketOptions
  readonly #liveness: Liveness
  readonly #socket: WebSocketLike | undefined
  #phase: 'opening' | 'up' | 'ended' = 'opening'
  #lastError: WireError | undefined
  #cancelTimer: () => void

  constructor(options: GatewaySocketOptions) {
    const { clock, pingMs } = options
    this.#options = options
    this.#liveness = new Liveness(pingMs, clock.nowMs(), clock.wallMs())
    this.#cancelTimer = clock.after(GREETING_PERIODS * pingMs, () => this.#fail(CLOSE_SILENT, 'no welcome'))
    this.#socket = this.#open()
  }

  send(frame: ClientFrame): void {
    if (this.#phase === 'up') this.#socket?.send(this.#options.codec.encode(frame))
  }

  probe(): void {
    if (this.#phase !== 'up') return
    const now = this.#options.clock.nowMs()
    this.#liveness.probe(now)
    this.#beat(now)
  }

  close(code: number, reason: string): void {
    if (this.#phase === 'ended') return
    this.#leave()
    this.#closeSocket(code, reason)
  }

  #open(): WebSocketLike | undefined {
    const { open, clock } = this.#options
    try {
      return this.#listen(open())
    } catch (cause) {
      const error = sdkError('SDK_BAD_URL', { reason: String(cause) })
      this.#cancelTimer()
      this.#cancelTimer = clock.after(0, () => this.#end({ final: true, error }))
      return undefined
    }
  }

  #listen(socket: WebSocketLike): WebSocketLike {
    socket.binaryType = 'arraybuffer'
    socket.onmessage = event => this.#receive(event.data)
    // What went wrong is told by the close event, which always follows.
    socket.onerror = () => undefined
    socket.onclose = event => this.#end(endOf(event, this.#lastError))
    return socket
  }

  /** Looks after the connection until it ends: at `dueMs`, and then whenever something may be due. */
  #beat(dueMs: number): void {
    const { clock } = this.#options
    const now = clock.nowMs()
    if (this.#liveness.isSilent(now, dueMs)) {
      this.#fail(CLOSE_SILENT, 'silence')
      return
    }
    if (this.#liveness.isPingDue(now, clock.wallMs())) this.send({ op: 'ping', id: this.#liveness.ping(now) })
    const nextMs = this.#liveness.nextMs(now)
    this.#cancelTimer()
    this.#cancelTimer = clock.after(nextMs - now, () => this.#beat(nextMs))
  }

  #receive(data: unknown): void {
    const { clock, codec } = this.#options
    if (this.#phase === 'ended') return
    this.#liveness.hear(clock.nowMs())
    try {
      this.#read(codec.decode(data))
    } catch (cause) {
      const why = cause instanceof Error ? cause.message : 'unknown'
      this.#fail(CLOSE_UNREADABLE, `unreadable frame: ${why}`)
    }
  }

  #read(records: readonly ServerRecord[]): void {
    for (const record of records) if ('op' in record) this.#notice(record)
    if (this.#phase === 'up') this.#options.onRecords(records)
  }

  #notice(record: ControlRecord): void {
    if (record.op === 'welcome' && this.#phase === 'opening') this.#greet(record)
    else if (record.op === 'pong') this.#notePong(record)
    else if (record.op === 'error' && record.id === undefined) this.#lastError = record.error
  }

  #greet(welcome: Welcome): void {
    this.#phase = 'up'
    this.#cancelTimer()
    this.#beat(this.#options.clock.nowMs())
    this.#options.onWelcome(welcome)
  }

  #notePong({ id, time }: Pong): void {
    const { clock, onPong } = this.#options
    const sentMs = this.#liveness.sentMs(id)
    if (sentMs !== undefined) onPong({ time, sentMs, heardMs: clock.nowMs() })
  }

  #fail(code: number, reason: string): void {
    if (this.#phase === 'ended') return
    this.#end({ final: false, error: this.#lastError ?? sdkError('SDK_CONNECTION_LOST', { reason }) })
    this.#closeSocket(code, reason)
  }

  #end(reason: SocketEnd): void {
    if (this.#phase === 'ended') return
    this.#leave()
    this.#options.onEnd(reason)
  }

  #leave(): void {
    this.#phase = 'ended'
    this.#cancelTimer()
  }

  #closeSocket(code: number, reason: string): void {
    try {
      this.#socket?.close(code, reason)
    } catch {
      // A socket that is not open yet may refuse a code; its end has been told already.
    }
  }
}

function endOf(event: { code: number; reason: string }, lastError: WireError | undefined): SocketEnd {
  const facts = { close: event.code, reason: event.reason }
  const final = FINAL_CODES.has(event.code)
  return { final, error: lastError ?? sdkError(final ? 'SDK_REFUSED' : 'SDK_CONNECTION_LOST', facts) }
}
