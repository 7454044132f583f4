import { putArrayHead } from '@meridian/msgpack'
import type { Encoding } from '@meridian/protocol/live'
import { sameItems } from './same-items.ts'

/** Bytes left free before a frame's records, where a transport may write its own header without copying. */
export const HEADROOM = 16

/** Records of one codec, ready to be sent to any number of connections. */
export interface Frame {
  /** HEADROOM free bytes, then the payload. */
  readonly buffer: Buffer
  readonly codec: Encoding
  /** Data records inside; control records do not count. */
  readonly records: number
  /**
   * It holds samples and nothing that was said in a command, so it may be compressed: ADR 14.
   */
  readonly isCompressible: boolean
  /** What a transport made of it, kept so that it is made once. */
  wire: Buffer | undefined
  /** What a transport made of it for connections that negotiated compression, kept in the same way. */
  deflated: Buffer | undefined
}

/** Where frames go. Both calls are cheap and never throw. */
export interface Sink {
  write(frame: Frame): void
  /** Bytes handed over and not yet taken by the network. */
  bufferedBytes(): number
}

/** Largest payload that is made of several records. */
const MAX_PAYLOAD_BYTES = 1 << 20
/** The same where it may be compressed: a millisecond's work, so that one frame never holds the process. */
const MAX_COMPRESSIBLE_BYTES = 128 << 10

/** The payload of a frame: one message of the protocol. */
export const payloadOf = (frame: Frame): Buffer => frame.buffer.subarray(HEADROOM)

/** Makes frames of records that are already in the codec. */
export interface FrameComposer {
  /**
   * As few frames as the records' size allows, in order. `control` tells how many of the records are no data,
   * for the count of the last frame. The same records again give the same frames: views that differ often get
   * the same messages.
   */
  compose(codec: Encoding, records: readonly Uint8Array[], control: number): readonly Frame[]
  /** As `compose`, where all data records are samples: the frames may be compressed. */
  composeSamples(codec: Encoding, records: readonly Uint8Array[], control: number): readonly Frame[]
}

/** What a composer made last, in one codec. */
interface Composed {
  readonly records: readonly Uint8Array[]
  readonly frames: readonly Frame[]
}

const NOTHING: Composed = { records: [], frames: [] }

/** A composer with room of its own for small frames. */
export function createFrameComposer(): FrameComposer {
  const allocate = createSlabAllocator()
  const plain = createKind(false, allocate)
  const samples = createKind(true, allocate)
  return { compose: plain, composeSamples: samples }
}

/** Composes frames of one kind, and gives the last ones again for the same records. */
function createKind(isCompressible: boolean, allocate: Allocate): FrameComposer['compose'] {
  const last: Record<Encoding, Composed> = { msgpack: NOTHING, json: NOTHING, events: NOTHING }
  return (codec, records, control) => {
    if (sameItems(last[codec].records, records)) return last[codec].frames
    const frames = composeAll({ codec, isCompressible, allocate }, records, control)
    // A large snapshot is nobody else's and must not be kept alive.
    if (frames.length === 1) last[codec] = { records, frames }
    return frames
  }
}

type Allocate = (size: number) => Buffer

/** What the frames of one call have in common. */
interface Kind {
  readonly codec: Encoding
  readonly isCompressible: boolean
  readonly allocate: Allocate
}

function composeAll(kind: Kind, records: readonly Uint8Array[], control: number): readonly Frame[] {
  const maxBytes = kind.isCompressible ? MAX_COMPRESSIBLE_BYTES : MAX_PAYLOAD_BYTES
  const frames: Frame[] = []
  let from = 0
  let size = 0
  for (let i = 0; i < records.length; i++) {
    const length = (records[i] as Uint8Array).length + 1
    if (size > 0 && size + length > maxBytes) {
      frames.push(frameOf(kind, records, { from, to: i, size, control: 0 }))
      from = i
      size = 0
    }
    size += length
  }
  const to = records.length
  if (from < to) frames.push(frameOf(kind, records, { from, to, size, control }))
  return frames
}

/** The records of one frame: from..to, `size` bytes with what stands between them. */
interface Part {
  readonly from: number
  readonly to: number
  readonly size: number
  readonly control: number
}

function frameOf(
  { codec, isCompressible, allocate }: Kind,
  records: readonly Uint8Array[],
  { from, to, size, control }: Part
): Frame {
  const buffer = allocate(HEADROOM + 5 + size)
  const end = WRITERS[codec](buffer, records, from, to)
  return {
    buffer: buffer.subarray(0, end),
    codec,
    records: Math.max(0, to - from - control),
    isCompressible,
    wire: undefined,
    deflated: undefined
  }
}

const SLAB_BYTES = 256 << 10

/** Room for frames. Small ones are cut from a common slab, which goes when the last of them has been sent. */
function createSlabAllocator(): Allocate {
  let slab = Buffer.alloc(0)
  let used = 0
  return size => {
    if (size > SLAB_BYTES / 8) return Buffer.allocUnsafe(size)
    if (used + size > slab.length) {
      slab = Buffer.allocUnsafe(SLAB_BYTES)
      used = 0
    }
    used += size
    return slab.subarray(used - size, used)
  }
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

/** Events follow each other as they are. */
function appendInto(buffer: Buffer, records: readonly Uint8Array[], from: number, to: number): number {
  let at = HEADROOM
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

const WRITERS: Readonly<Record<Encoding, typeof packInto>> = {
  msgpack: packInto,
  json: writeInto,
  events: appendInto
}
