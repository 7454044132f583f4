import { ByteWriter } from './byte-writer.ts'

const MAX_FIXMAP = 15

/** One buffer for all writers of maps: writing never waits, and what leaves is a copy. */
export const mapBytes = new ByteWriter()

/** Bytes to keep free for the head of a map of at most so many entries; its entries begin behind them. */
export const mapHeadBytes = (entries: number): number => (entries > MAX_FIXMAP ? 3 : 1)

/** How far a map is written. */
export interface WrittenMap {
  /** Where its entries end. */
  readonly at: number
  /** Entries. */
  readonly written: number
}

/**
 * Writes the head of the map whose entries end at `at`, and gives the map as bytes of the caller's own.
 */
export function closeMap(headBytes: number, state: WrittenMap): Uint8Array {
  const { written, at } = state
  if (headBytes === 1 && written <= MAX_FIXMAP) {
    mapBytes.bytes[0] = 0x80 | written
    return copyOf(at)
  }
  return closeWideMap(headBytes, state)
}

function closeWideMap(headBytes: number, { written, at }: WrittenMap): Uint8Array {
  const shift = 3 - headBytes
  mapBytes.reserve(at, shift)
  if (shift > 0) mapBytes.bytes.copyWithin(3, headBytes, at)
  mapBytes.bytes[0] = 0xde
  mapBytes.view.setUint16(1, written)
  return copyOf(at + shift)
}

const SLAB_BYTES = 65_536
let slab = new Uint8Array(0)
let slabUsed = 0

/**
 * A copy of what was written. Small ones are cut from a common slab: making an ArrayBuffer for each would
 * cost more than writing it.
 */
function copyOf(sizeBytes: number): Uint8Array {
  if (sizeBytes > SLAB_BYTES >> 3) return mapBytes.bytes.slice(0, sizeBytes)
  if (slabUsed + sizeBytes > slab.length) {
    slab = new Uint8Array(SLAB_BYTES)
    slabUsed = 0
  }
  const out = slab.subarray(slabUsed, slabUsed + sizeBytes)
  slabUsed += sizeBytes
  out.set(mapBytes.bytes.subarray(0, sizeBytes))
  return out
}
