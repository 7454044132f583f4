import type { Projection } from '@meridian/msgpack'
import { type Codec, type ControlRecord, encodeControl } from '@meridian/protocol/live'
import { chunkOf } from './chunk.ts'
import type { Frame, FrameComposer, Sink } from './frame.ts'
import type { HubCounts } from './hub-counts.ts'
import type { Message } from './message.ts'

/** Bytes of a connection's own frames, last values and replays, that count as one unit of work. */
const BYTES_PER_UNIT = 100

/** What a connection's sender is made from. */
export interface SenderParts {
  readonly codec: Codec
  readonly sink: Sink
  readonly frames: FrameComposer
  readonly counts: HubCounts
  /** Bytes that may wait for the connection. */
  readonly maxBufferedBytes: number
  /** Told once, when more bytes wait than allowed; nothing is sent after that. */
  readonly onSlow: () => void
}

/**
 * Sends to one connection: frames of its view, and frames of its own. open -> closed (by `close`, or because
 * too much waits).
 */
export class Sender {
  readonly codec: Codec
  readonly #parts: SenderParts
  readonly #sink: Sink
  #open = true
  /** Bytes of one answer that still wait: we made them in one go, so they are no sign of a slow client. */
  #answerBytes = 0

  constructor(parts: SenderParts) {
    this.codec = parts.codec
    this.#parts = parts
    this.#sink = parts.sink
  }

  get open(): boolean {
    return this.#open
  }

  /** Ends sending: later calls of `send` do nothing. */
  close(): void {
    this.#open = false
  }

  /** Sends a frame, unless too much waits already. */
  send(frame: Frame): void {
    if (!this.#open) return
    const waiting = this.#sink.bufferedBytes()
    this.#answerBytes = Math.min(this.#answerBytes, waiting)
    if (waiting <= this.#parts.maxBufferedBytes + this.#answerBytes) this.#sink.write(frame)
    else this.#cutOff()
  }

  /** Sends control records in a frame of their own. */
  tell(...records: readonly ControlRecord[]): void {
    const encoded = records.map(record => this.encode(record))
    this.sendRecords(encoded, encoded.length)
  }

  encode(record: ControlRecord): Uint8Array {
    return encodeControl(this.codec, record)
  }

  /** Adds a message to records that will be sent; one that cannot be encoded is counted and left out. */
  add(records: Uint8Array[], message: Message, projection: Projection | undefined): void {
    try {
      records.push(chunkOf(message, this.codec, projection))
    } catch {
      this.#parts.counts.failures++
    }
  }

  /** Encodes a whole message that will be added soon; what cannot be encoded is counted when it is added. */
  encodeAhead(message: Message): void {
    try {
      chunkOf(message, this.codec, undefined)
    } catch {}
  }

  /**
   * Sends encoded records, of which `control` are no data. One answer may be larger than what may wait; the
   * next such one may follow when it has been read.
   */
  sendRecords(records: readonly Uint8Array[], control: number): void {
    const { counts, frames, maxBufferedBytes } = this.#parts
    const before = this.#sink.bufferedBytes()
    const composed = frames.compose(this.codec, records, control)
    const mayBeLarge = composed.length > 1 && before <= maxBufferedBytes
    for (const frame of composed) {
      if (mayBeLarge) this.#answerBytes = this.#sink.bufferedBytes() - before
      counts.frames++
      counts.bytes += frame.buffer.length
      counts.work += Math.floor(frame.buffer.length / BYTES_PER_UNIT)
      this.send(frame)
    }
    counts.records += records.length - control
  }

  #cutOff(): void {
    this.#open = false
    this.#parts.counts.slow++
    this.#parts.onSlow()
  }
}
