import { putArrayHead } from '@meridian/msgpack'
import type { Codec } from '@meridian/protocol/live'

/** Bytes left free before a frame's records, where a transport may write its own header without copying. */
export const HEADROOM = 16

/** Records of one codec, ready to be sent to any number of connections. */
export interface Frame {
  /** HEADROOM free bytes, then the payload. */
  readonly buffer: Buffer
  readonly codec: Codec
  /** Data records inside. */
  readonly records: number
  /** What a transport made of it, kept so that it is made once. */
  wire: Buffer | undefined
}

/** Where frames go. Both calls are cheap and never throw. */
export interface Sink {
  write(frame: Frame): void
  /** Bytes handed over and not yet taken by the network. */
  bufferedBytes(): number
}

/** Largest payload that is made of several records. */
const MAX_PAYLOAD_BYTES = 1 << 20

/** The payload of a frame: one message of the protocol. */
export const payloadOf = (frame: Frame): Buffer => frame.buffer.subarray(HEADROOM)

/**
 * Joins records, each already in the codec, into as few frames as their size allows, in order. `control` tells how many of them are no
 * data, for the count of the last frame.
 */
export function composeFrames(
  codec: Codec,
  records: readonly Uint8Array[],
  emit: (frame: Frame) => void,
  control = 0
): void {
  let from = 0
  let size = 0
  for (let i = 0; i < records.length; i++) {
    const length = (records[i] as Uint8Array).length + 1
    if (size > 0 && size + length > MAX_PAYLOAD_BYTES) {
      emit(compose(codec, records, from, i, size))
      from = i
      size = 0
    }
    size += length
  }
  if (from < records.length) emit(compose(codec, records, from, records.length, size, control))
}

function compose(
  codec: Codec,
  records: readonly Uint8Array[],
  from: number,
  to: number,
  size: number,
  control = 0
): Frame {
  const buffer = allocate(HEADROOM + 5 + size)
  const end = codec === 'msgpack' ? packInto(buffer, records, from, to) : writeInto(buffer, records, from, to)
  return {
    buffer: buffer.subarray(0, end),
    codec,
    records: Math.max(0, to - from - control),
    wire: undefined
  }
}

const SLAB_BYTES = 256 << 10
let slab = Buffer.alloc(0)
let slabUsed = 0

/** Room for a frame. Small ones are cut from a common slab, which goes when the last of them has been sent. */
function allocate(size: number): Buffer {
  if (size > SLAB_BYTES / 8) return Buffer.allocUnsafe(size)
  if (slabUsed + size > slab.length) {
    slab = Buffer.allocUnsafe(SLAB_BYTES)
    slabUsed = 0
  }
  slabUsed += size
  return slab.subarray(slabUsed - size, slabUsed)
}

function packInto(buffer: Buffer, records: readonly Uint8Array[], from: number, to: number): number {
  let at = putArrayHead(buffer, HEADROOM, to - from)
  for (let i = from; i < to; i++) {
    const record = records[i] as Uint8Array
    buffer.set(record, at)
    at += record.length
  }
  return at
}

function writeInto(buffer: Buffer, records: readonly Uint8Array[], from: number, to: number): number {
  let at = HEADROOM
  for (let i = from; i < to; i++) {
    buffer[at++] = i === from ? 0x5b : 0x2c
    const record = records[i] as Uint8Array
    buffer.set(record, at)
    at += record.length
  }
  buffer[at++] = 0x5d
  return at
}
