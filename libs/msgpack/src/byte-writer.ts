/**
 * What a writer keeps free after a text, so that a number or the head of an array or map may follow without
 * another check.
 */
export const REST_BYTES = 64

/**
 * A growing buffer. What is written into it goes through the `put` functions: each takes the position and
 * returns the next one, or -1 when the value is not of its kind; then nothing counts as written. The caller
 * reserves first. Only text, and values of unknown size, reserve by themselves, and may so replace `bytes`
 * and `view`.
 */
export class ByteWriter {
  bytes: Uint8Array<ArrayBuffer>
  view: DataView<ArrayBuffer>

  constructor(sizeBytes = 16_384) {
    this.bytes = new Uint8Array(sizeBytes)
    this.view = new DataView(this.bytes.buffer)
  }

  /** Makes room for `count` bytes after `at`; what stands before is kept. */
  reserve(at: number, count: number): void {
    if (at + count > this.bytes.length) this.grow(at, Math.max(this.bytes.length * 2, at + count))
  }

  /** Moves to a buffer of `sizeBytes`, with the bytes before `keep`. */
  grow(keep: number, sizeBytes: number): void {
    const larger = new Uint8Array(sizeBytes)
    larger.set(this.bytes.subarray(0, keep))
    this.bytes = larger
    this.view = new DataView(larger.buffer)
  }
}

/** Puts one value at a position and gives the next position; -1 when the value is not of its kind. */
export type Put = (w: ByteWriter, at: number, value: unknown) => number
