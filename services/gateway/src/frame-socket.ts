import type { Duplex } from 'node:stream'
import { type Frame, payloadOf, type Sink } from '@meridian/fanout'
import { WebSocket } from 'ws'
import { type Deflater, wireOf } from './wire-frame.ts'

// The one place that knows the inside of `ws` (its version is pinned, a test holds what is used here). The
// bytes of a frame are made once and go to each socket past `ws`. That is safe while the connection's own
// sender is between two messages; whenever it is not, or is not as we know it, the frame goes through `ws`,
// which never compresses: it would keep a context of 200 KB for each connection.

/** What is used of the inside of a `WebSocket`. */
interface Inside {
  readonly _socket?: Duplex & { readonly writableLength: number; readonly writable: boolean }
  readonly _sender?: { readonly _state?: number; readonly _queue?: readonly unknown[] }
  readonly _extensions?: { readonly 'permessage-deflate'?: PerMessageDeflate }
}

interface PerMessageDeflate {
  readonly params?: {
    readonly server_no_context_takeover?: true
    readonly server_max_window_bits?: number
  }
  /** Ends what inflates; the next message makes it anew. */
  cleanup?(): void
}

/** State of a `ws` sender that is not in the middle of anything. */
const SENDER_IDLE = 0
/** Window bits where none were negotiated. */
const WHOLE_WINDOW = 15
/** Of a connection that inflates nothing. */
const NO_WINDOW = 0

/** Whether bytes may be written past the sender of a connection right now. */
export function mayWriteDirectly(ws: WebSocket): boolean {
  const inside = ws as unknown as Inside
  return (
    ws.readyState === WebSocket.OPEN &&
    inside._socket?.writable === true &&
    inside._sender?._state === SENDER_IDLE &&
    inside._sender._queue?.length === 0
  )
}

/** The sink that writes a subscriber's frames to its WebSocket connection. */
export class FrameSocket implements Sink {
  readonly #ws: WebSocket
  readonly #deflater: Deflater
  readonly #windowBits: number

  constructor(ws: WebSocket, deflater: Deflater) {
    this.#ws = ws
    this.#deflater = deflater
    this.#windowBits = windowBitsOf(ws)
    if (this.#windowBits !== NO_WINDOW) ws.on('message', dropInflater)
  }

  write(frame: Frame): void {
    const ws = this.#ws
    const { _socket: socket } = ws as unknown as Inside
    if (!mayWriteDirectly(ws)) sendThrough(ws, payloadOf(frame), frame.codec === 'msgpack')
    else if (this.#windowBits === NO_WINDOW) socket?.write(wireOf(frame))
    else socket?.write(this.#deflater.wireFor(frame, this.#windowBits))
  }

  bufferedBytes(): number {
    const { _socket: socket } = this.#ws as unknown as Inside
    return socket?.writableLength ?? this.#ws.bufferedAmount
  }
}

function sendThrough(ws: WebSocket, payload: Buffer, binary: boolean): void {
  if (ws.readyState === WebSocket.OPEN) ws.send(payload, { binary, compress: false })
}

/** The window that a client keeps for what we deflate without context, bits. */
function windowBitsOf(ws: WebSocket): number {
  const params = (ws as unknown as Inside)._extensions?.['permessage-deflate']?.params
  if (params?.server_no_context_takeover !== true) return NO_WINDOW
  return params.server_max_window_bits ?? WHOLE_WINDOW
}

/**
 * A browser compresses all that it sends, and `ws` would keep some 50 KB for each connection from its first
 * message on. Nothing is lost: no message needs those before it.
 */
function dropInflater(this: WebSocket): void {
  ;(this as unknown as Inside)._extensions?.['permessage-deflate']?.cleanup?.()
}
