import type { WireError } from '@meridian/errors'
import { CLOSE, type ClientFrame, type ControlRecord, type ServerRecord } from '@meridian/protocol/live'
import { sdkError } from './client-error.ts'
import type { Clock } from './clock.ts'
import type { ClockReading } from './clock-offset.ts'
import type { Codec } from './codec.ts'
import type { WebSocketLike } from './types.ts'

/**
 * One WebSocket from its opening to its end, once.
 *
 * opening: the socket is not open or `welcome` has not come; ends after GREETING_MS. up: records flow; a ping
 * goes out every period, and sooner when nothing comes; two periods of silence are an end (half-open: a
 * browser sees no protocol ping), and so is a probe without an answer: `probe` was called, or the machine's
 * clock jumped, as it does when the machine slept. ended: by the other side, by a frame that cannot be read,
 * by silence, or by `close`, which alone is not reported.
 */
export interface GatewaySocket {
  send(frame: ClientFrame): void
  /** Asks for a sign of life; without one within PROBE_MS the socket ends. */
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

const GREETING_MS = 10_000
const SILENT_PERIODS = 2
/** Part of a ping's period after which silence is worth a question: 2 s of 5. */
const QUIET_PERIODS = 0.4
const PROBE_MS = 4000
/** The machine's clock and ours drift less than this, ms, between two beats. */
const JUMP_MS = 1000
/** Our own close codes, of the range that a page may use. */
const CLOSE_UNREADABLE = 4002
const CLOSE_SILENT = 4008

const finalCodes: ReadonlySet<number> = new Set(
  Object.values(CLOSE)
    .filter(entry => !entry.reconnect)
    .map(entry => entry.code)
)

/** Opens a socket. An address that the platform refuses ends it at once, but never before this returns. */
export function createGatewaySocket(options: GatewaySocketOptions): GatewaySocket {
  const { codec, clock, pingMs } = options
  let phase: 'opening' | 'up' | 'ended' = 'opening'
  let heardMs = clock.nowMs()
  let lastError: WireError | undefined
  let ping = { id: 0, sentMs: Number.NEGATIVE_INFINITY }
  let mustHearByMs = Number.POSITIVE_INFINITY
  let wallAheadMs = clock.wallMs() - heardMs
  let cancelTimer = clock.after(GREETING_MS, () => fail(CLOSE_SILENT, 'no welcome'))
  const socket = openSafely()

  function openSafely(): WebSocketLike | undefined {
    try {
      return options.open()
    } catch (cause) {
      cancelTimer()
      cancelTimer = clock.after(0, () =>
        end({ final: true, error: sdkError('SDK_BAD_URL', { reason: String(cause) }) })
      )
      return undefined
    }
  }

  function end(reason: SocketEnd): void {
    if (phase === 'ended') return
    leave()
    options.onEnd(reason)
  }

  function leave(): void {
    phase = 'ended'
    cancelTimer()
  }

  function fail(code: number, reason: string): void {
    if (phase === 'ended') return
    end({ final: false, error: lastError ?? sdkError('SDK_CONNECTION_LOST', { reason }) })
    closeSocket(code, reason)
  }

  function closeSocket(code: number, reason: string): void {
    try {
      socket?.close(code, reason)
    } catch {
      // A socket that is not open yet may refuse a code; its end has been told already.
    }
  }

  /** Looks after the connection until it ends: at `dueMs`, and then whenever something may be due. */
  function beat(dueMs: number): void {
    const now = clock.nowMs()
    // A page that was frozen hears nothing meanwhile; it gets one more period before silence counts.
    if (now - dueMs > pingMs) hear(now)
    if (now - heardMs > SILENT_PERIODS * pingMs || now >= mustHearByMs) {
      fail(CLOSE_SILENT, 'silence')
      return
    }
    const isJump = hasJumped(now)
    if (isJump) mustHearByMs = Math.min(mustHearByMs, now + PROBE_MS)
    if (isJump || now >= pingDueMs()) sendPing(now)
    const nextMs = Math.min(pingDueMs(), mustHearByMs, now + QUIET_PERIODS * pingMs)
    cancelTimer()
    cancelTimer = clock.after(nextMs - now, () => beat(nextMs))
  }

  function sendPing(now: number): void {
    ping = { id: ping.id + 1, sentMs: now }
    send({ op: 'ping', id: ping.id })
  }

  /** A question that has no answer yet is not asked again before its period is over. */
  function pingDueMs(): number {
    const quietMs = heardMs > ping.sentMs ? heardMs + QUIET_PERIODS * pingMs : Number.POSITIVE_INFINITY
    return Math.min(ping.sentMs + pingMs, quietMs)
  }

  function hasJumped(now: number): boolean {
    const aheadMs = clock.wallMs() - now
    const isJump = Math.abs(aheadMs - wallAheadMs) > JUMP_MS
    wallAheadMs = aheadMs
    return isJump
  }

  function hear(now: number): void {
    heardMs = now
    mustHearByMs = Number.POSITIVE_INFINITY
  }

  function send(frame: ClientFrame): void {
    if (phase === 'up') socket?.send(codec.encode(frame))
  }

  function greet(welcome: Welcome): void {
    phase = 'up'
    cancelTimer()
    beat(clock.nowMs())
    options.onWelcome(welcome)
  }

  function receive(data: unknown): void {
    if (phase === 'ended') return
    hear(clock.nowMs())
    try {
      read(codec.decode(data))
    } catch (cause) {
      fail(CLOSE_UNREADABLE, `unreadable frame: ${cause instanceof Error ? cause.message : 'unknown'}`)
    }
  }

  function read(records: readonly ServerRecord[]): void {
    for (const record of records) if ('op' in record) notice(record)
    if (phase === 'up') options.onRecords(records)
  }

  function notice(record: ControlRecord): void {
    if (record.op === 'welcome' && phase === 'opening') greet(record)
    else if (record.op === 'pong') notePong(record)
    else if (record.op === 'error' && record.id === undefined) lastError = record.error
  }

  function notePong(record: Pong): void {
    if (record.id === ping.id)
      options.onPong({ time: record.time, sentMs: ping.sentMs, heardMs: clock.nowMs() })
  }

  if (socket !== undefined) {
    socket.binaryType = 'arraybuffer'
    socket.onmessage = event => receive(event.data)
    // What went wrong is told by the close event, which always follows.
    socket.onerror = () => undefined
    socket.onclose = event => end(endOf(event, lastError))
  }

  function probe(): void {
    if (phase !== 'up') return
    const now = clock.nowMs()
    mustHearByMs = Math.min(mustHearByMs, now + PROBE_MS)
    ping = { id: ping.id, sentMs: Number.NEGATIVE_INFINITY }
    beat(now)
  }

  return {
    send,
    probe,
    close(code, reason) {
      if (phase === 'ended') return
      leave()
      closeSocket(code, reason)
    }
  }
}

function endOf(event: { code: number; reason: string }, lastError: WireError | undefined): SocketEnd {
  const facts = { close: event.code, reason: event.reason }
  const final = finalCodes.has(event.code)
  return { final, error: lastError ?? sdkError(final ? 'SDK_REFUSED' : 'SDK_CONNECTION_LOST', facts) }
}
