import type { Position, SequenceHole } from './follower-types.ts'

/**
 * How far a reader has read its log, and what it never got on the way there: sequences that the log dropped
 * before they were read are told as holes.
 */
export class ReadPosition implements Position {
  epoch = ''
  seq = 0
  timeUs = 0
  /** Sequences in all holes so far. */
  skipped = 0
  readonly #onHole: (hole: SequenceHole) => void

  constructor(onHole: (hole: SequenceHole) => void) {
    this.#onHole = onHole
  }

  /** To a message that was delivered; what stands before it will not come. */
  moveTo(seq: number, timeUs: number): void {
    if (seq > this.seq + 1) this.#tellHole(seq - 1)
    this.seq = seq
    this.timeUs = timeUs
  }

  /** The same without holes: the past is delivered in part, the last values of each subject. */
  jumpTo(seq: number, timeUs: number): void {
    this.seq = seq
    this.timeUs = timeUs
  }

  /**
   * To before a sequence: what the log holds no more before it will not come, and no message follows that
   * would show it.
   */
  passTo(firstSeq: number): void {
    if (firstSeq <= this.seq + 1) return
    this.#tellHole(firstSeq - 1)
    this.jumpTo(firstSeq - 1, 0)
  }

  /** Back to the begin, of another log. */
  reset(): void {
    this.jumpTo(0, 0)
  }

  #tellHole(to: number): void {
    const from = this.seq + 1
    this.skipped += to - from + 1
    this.#onHole({ from, to })
  }
}
