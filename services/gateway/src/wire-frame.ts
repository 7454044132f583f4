import { constants, deflateRawSync } from 'node:zlib'
import { type Frame, HEADROOM, payloadOf } from '@meridian/fanout'

// A frame that goes to many connections gets its WebSocket header once, and is deflated once. The header
// stands in the room that a frame keeps in front of its payload.

const FINAL_TEXT = 0x81
const FINAL_BINARY = 0x82
/** RSV1: the message is compressed [RFC 7692, 6]. */
const COMPRESSED = 0x40

/** The frame with its WebSocket header: made at the first call, in place. */
export function wireOf(frame: Frame): Buffer {
  if (frame.wire !== undefined) return frame.wire
  const { buffer } = frame
  const start = HEADROOM - headerLength(buffer.length - HEADROOM)
  putHeader(buffer.subarray(start), firstByteOf(frame), buffer.length - HEADROOM)
  frame.wire = buffer.subarray(start)
  return frame.wire
}

const firstByteOf = ({ codec }: Frame): number => (codec === 'json' ? FINAL_TEXT : FINAL_BINARY)

function putHeader(out: Buffer, first: number, length: number): void {
  out[0] = first
  if (length < 126) out[1] = length
  else if (length <= 0xffff) {
    out[1] = 126
    out.writeUInt16BE(length, 2)
  } else {
    out[1] = 127
    out.writeUInt32BE(0, 2)
    out.writeUInt32BE(length, 6)
  }
}

function headerLength(payload: number): number {
  if (payload < 126) return 2
  return payload <= 0xffff ? 4 : 10
}

/** Payloads below this many bytes gain too little. */
export const LEAST_DEFLATED_BYTES = 256
/** The window of what we deflate, bits; no shorter payload reaches beyond its own length. */
const WINDOW_BITS = 15
/** What a sync flush ends with, and a message leaves out [RFC 7692, 7.2.1]. */
const TRAILER_BYTES = 4
/** zlib's level: MessagePack becomes 2 % smaller than at level 1 in the same time [adr/0014]. */
const LEVEL = 4
/** Payload bytes that are deflated in one turn of the event loop: some 6 ms at most. */
const BYTES_PER_TURN = 512 << 10

/** What was deflated, in numbers that only grow. */
interface DeflateCounts {
  /** Payload bytes of frames that were deflated, each frame counted once. */
  before: number
  /** What they became. */
  after: number
  /** Bytes that connections did not get for that. */
  saved: number
  /** Frames that went out as they were because enough had been deflated in that turn of the event loop. */
  skipped: number
}

/** Deflates frames, each once however many connections get it. */
export interface Deflater {
  readonly counts: Readonly<DeflateCounts>
  /** The bytes of a frame for a connection that inflates with a window of so many bits. */
  wireFor(frame: Frame, windowBits: number): Buffer
}

/**
 * A deflater without context: every message is read without those before it, so all connections can share it.
 * It works at once, so that frames keep their order, and does no more than 512 KB in one turn of the event
 * loop; what is beyond that goes out as it is, and is counted.
 */
export function createDeflater(): Deflater {
  const counts: DeflateCounts = { before: 0, after: 0, saved: 0, skipped: 0 }
  let bytesOfTurn = 0
  const endTurn = (): void => {
    bytesOfTurn = 0
  }

  const isRefused = (bytes: number): boolean => {
    if (bytesOfTurn >= BYTES_PER_TURN) {
      counts.skipped++
      return true
    }
    if (bytesOfTurn === 0) setImmediate(endTurn)
    bytesOfTurn += bytes
    return false
  }

  const deflate = (frame: Frame): Buffer => {
    const payload = payloadOf(frame)
    const plain = wireOf(frame)
    if (!frame.isCompressible || payload.length < LEAST_DEFLATED_BYTES || isRefused(payload.length))
      return plain
    const deflated = deflatedOf(frame, payload)
    counts.before += payload.length
    counts.after += Math.min(deflated.length, plain.length)
    return deflated.length < plain.length ? deflated : plain
  }

  return {
    counts,
    wireFor(frame, windowBits) {
      if (windowBits < WINDOW_BITS && frame.buffer.length - HEADROOM > 1 << windowBits) return wireOf(frame)
      frame.deflated ??= deflate(frame)
      counts.saved += wireOf(frame).length - frame.deflated.length
      return frame.deflated
    }
  }
}

/** One final WebSocket frame with the deflated payload. */
function deflatedOf(frame: Frame, payload: Buffer): Buffer {
  const flushed = deflateRawSync(payload, {
    level: LEVEL,
    windowBits: WINDOW_BITS,
    finishFlush: constants.Z_SYNC_FLUSH
  })
  const length = flushed.length - TRAILER_BYTES
  const head = headerLength(length)
  const out = Buffer.allocUnsafe(head + length)
  putHeader(out, firstByteOf(frame) | COMPRESSED, length)
  flushed.copy(out, head, 0, length)
  return out
}
