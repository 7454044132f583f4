import type { Projection } from '@meridian/msgpack'
import { type ControlRecord, type Encoding, encodeControl } from '@meridian/protocol/live'
import { chunkOf } from './chunk.ts'
import type { Frame, FrameComposer, Sink } from './frame.ts'
import type { HubCounts } from './hub-counts.ts'
import type { Message } from './message.ts'

/** Bytes of a connection's own frames, last values and replays, that count as one unit of work. */
const BYTES_PER_UNIT = 100

/** Encoded data of one answer: what is said in commands stands apart, since it is never compressed. */
export interface AnswerData {
  readonly samples: Uint8Array[]
  readonly commands: Uint8Array[]
}

/** Data of an answer before anything is added. */
export const noData = (): AnswerData => ({ samples: [], commands: [] })

/** What the senders of a hub share. */
export interface SenderParts {
  readonly frames: FrameComposer
  readonly counts: HubCounts
  /** Bytes that may wait for one connection. */
  readonly maxBufferedBytes: number
}

/** Where a sender sends, and whom it tells. */
export interface SenderEnds {
  readonly sink: Sink
  /** Told once, when more bytes wait than allowed; nothing is sent after that. */
  readonly owner: { onSlow(): void }
}

/**
 * Sends to one connection: frames of its view, and frames of its own. open -> closed (by `close`, or because
 * too much waits).
 */
export class Sender {
  readonly codec: Encoding
  readonly #parts: SenderParts
  readonly #sink: Sink
  readonly #owner: SenderEnds['owner']
  #open = true
  #frames = 0
  #records = 0
  #bytes = 0
  /** Bytes of one answer that still wait: we made them in one go, so they are no sign of a slow client. */
  #answerBytes = 0

  constructor(parts: SenderParts, codec: Encoding, { sink, owner }: SenderEnds) {
    this.codec = codec
    this.#parts = parts
    this.#sink = sink
    this.#owner = owner
  }

  get open(): boolean {
    return this.#open
  }

  /** What was handed to the connection so far: frames, data records in them, and bytes before compression. */
  sent(): { readonly frames: number; readonly records: number; readonly bytes: number } {
    return { frames: this.#frames, records: this.#records, bytes: this.#bytes }
  }

  /** Bytes that wait, and how many of them are no part of one large answer. */
  waiting(): { readonly all: number; readonly live: number } {
    const all = this.#sink.bufferedBytes()
    this.#answerBytes = Math.min(this.#answerBytes, all)
    return { all, live: all - this.#answerBytes }
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
    if (waiting <= this.#parts.maxBufferedBytes + this.#answerBytes) this.#write(frame)
    else this.cutOff()
  }

  #write(frame: Frame): void {
    this.#frames++
    this.#records += frame.records
    this.#bytes += frame.buffer.length
    this.#sink.write(frame)
  }

  /** Sends control records in a frame of their own. */
  tell(...records: readonly ControlRecord[]): void {
    const encoded = records.map(record => this.encode(record))
    this.#sendAll(this.#parts.frames.compose(this.codec, encoded, encoded.length))
  }

  encode(record: ControlRecord): Uint8Array {
    return encodeControl(this.codec, record)
  }

  /** Adds a message to data that will be sent; one that cannot be encoded is counted and left out. */
  add(data: AnswerData, message: Message, projection: Projection | undefined): void {
    try {
      const chunk = chunkOf(message, this.codec, projection)
      const records = message.topic.isSample ? data.samples : data.commands
      records.push(chunk)
    } catch {
      this.#parts.counts.failures++
    }
  }

  /** Encodes a message that will be added soon; what cannot be encoded is counted when it is added. */
  encodeAhead(message: Message, projection: Projection | undefined): void {
    try {
      chunkOf(message, this.codec, projection)
    } catch {}
  }

  /** Sends an answer: control records, data, control records. Only frames of samples may be compressed. */
  sendAnswer(head: readonly Uint8Array[], data: AnswerData, tail: readonly Uint8Array[]): void {
    const { samples, commands } = data
    const { frames } = this.#parts
    this.#parts.counts.records += samples.length + commands.length
    const whole = commands.length === 0
    const first = [...head, ...samples, ...(whole ? tail : [])]
    const composed = frames.composeSamples(this.codec, first, first.length - samples.length)
    if (whole) this.#sendAll(composed)
    else this.#sendAll([...composed, ...frames.compose(this.codec, [...commands, ...tail], tail.length)])
  }

  /** One answer may be larger than what may wait; the next such one may follow when it has been read. */
  #sendAll(composed: readonly Frame[]): void {
    const { counts, maxBufferedBytes } = this.#parts
    const before = this.#sink.bufferedBytes()
    const mayBeLarge = composed.length > 1 && before <= maxBufferedBytes
    for (const frame of composed) {
      if (mayBeLarge) this.#answerBytes = this.#sink.bufferedBytes() - before
      counts.frames++
      counts.bytes += frame.buffer.length
      counts.work += Math.floor(frame.buffer.length / BYTES_PER_UNIT)
      this.send(frame)
    }
  }

  /** Ends sending because too much waits; told to its owner. */
  cutOff(): void {
    this.#open = false
    this.#parts.counts.slow++
    this.#owner.onSlow()
  }
}
