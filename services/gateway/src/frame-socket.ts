import type { Duplex } from 'node:stream'
import { type Frame, HEADROOM, payloadOf, type Sink } from '@meridian/fanout'
import { WebSocket } from 'ws'

// The one place that knows the inside of `ws` (its version is pinned, a test holds what is used here). A
// frame that goes to many connections gets its WebSocket header once, in the room that it keeps in front of
// its payload, and the same bytes go to each socket. That is safe while the connection's own sender is
// between two messages; whenever it is not, or is not as we know it, the frame goes through `ws`.

/** What is used of the inside of a `WebSocket`. */
interface Inside {
  readonly _socket?: Duplex & { readonly writableLength: number; readonly writable: boolean }
  readonly _sender?: { readonly _state?: number; readonly _queue?: readonly unknown[] }
}

/** State of a `ws` sender that is not in the middle of anything. */
const SENDER_IDLE = 0
const FINAL_TEXT = 0x81
const FINAL_BINARY = 0x82

/** The frame with its WebSocket header: made at the first call, in place. */
export function wireOf(frame: Frame): Buffer {
  if (frame.wire !== undefined) return frame.wire
  const { buffer, codec } = frame
  const length = buffer.length - HEADROOM
  const start = HEADROOM - headerLength(length)
  buffer[start] = codec === 'json' ? FINAL_TEXT : FINAL_BINARY
  if (length < 126) buffer[start + 1] = length
  else if (length <= 0xffff) {
    buffer[start + 1] = 126
    buffer.writeUInt16BE(length, start + 2)
  } else {
    buffer[start + 1] = 127
    buffer.writeUInt32BE(0, start + 2)
    buffer.writeUInt32BE(length, start + 6)
  }
  frame.wire = buffer.subarray(start)
  return frame.wire
}

function headerLength(payload: number): number {
  if (payload < 126) return 2
  return payload <= 0xffff ? 4 : 10
}

/** Whether bytes may be written past the sender of a connection without extensions right now. */
export function mayWriteDirectly(ws: WebSocket): boolean {
  const inside = ws as unknown as Inside
  return (
    ws.readyState === WebSocket.OPEN &&
    inside._socket?.writable === true &&
    inside._sender?._state === SENDER_IDLE &&
    inside._sender._queue?.length === 0
  )
}

/** Creates the sink that writes a subscriber's frames to its WebSocket connection. */
export function createFrameSocket(ws: WebSocket): Sink {
  const inside = ws as unknown as Inside
  // Agreed upon with the handshake, once for all; `ws` makes the text anew each time it is asked.
  const isPlain = ws.extensions === ''
  return {
    write(frame) {
      if (isPlain && mayWriteDirectly(ws)) inside._socket?.write(wireOf(frame))
      else if (ws.readyState === WebSocket.OPEN)
        ws.send(payloadOf(frame), { binary: frame.codec === 'msgpack' })
    },
    bufferedBytes: () => inside._socket?.writableLength ?? ws.bufferedAmount
  }
}
