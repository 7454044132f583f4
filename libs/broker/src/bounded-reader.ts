import { setTimeout as sleep } from 'node:timers/promises'
import { AppError } from '@meridian/errors'
import type { Msg } from '@nats-io/nats-core'
import { slowBroker } from './ask-patiently.ts'
import { createBackoff } from './backoff.ts'
import type { Broker } from './broker.ts'
import { emptyDelivery, readDelivery } from './delivery.ts'
import { internalsOf } from './internals.ts'
import { type Pull, startPull } from './pull.ts'
import type { StreamMessage } from './stream-message.ts'

// reading -> over. While it reads, a consumer that is gone or silent is replaced by one that continues behind
// what was read: a slow broker costs time alone. Over at a bound, at the end of what is wanted, by `stop` or
// `signal`, and with an error when the time is over or no other consumer can be made.

/** The last message that was read; `seq` 0: none yet. */
export type ReadPosition = Pick<StreamMessage, 'seq' | 'timeUs'>

/** A consumer that was made for this, and the bounds of what is wanted of it. */
export interface BoundedReaderOptions {
  readonly stream: string
  readonly consumer: string
  /** Makes another consumer, which continues behind a position; resolves with its name. */
  readonly renew: (after: ReadPosition) => Promise<string>
  /** Whether the stream holds nothing more that is wanted; asked when the consumer has nothing to deliver. */
  readonly isEnd: (after: ReadPosition) => Promise<boolean>
  /** What was stored before it is left out, for the server's start times are cut to ms; 0: nothing. */
  readonly fromUs: number
  readonly toSeq: number
  readonly maxMessages: number
  readonly maxBytes: number
  readonly timeoutMs: number
  /** Ends the reading early, as a bound does. */
  readonly signal?: AbortSignal | undefined
}

/** Hands over what a consumer delivers, up to a bound. */
export interface BoundedReader {
  /**
   * What has arrived meanwhile, at least one message; empty at the end. Throws BRK_TIMEOUT where the bound in
   * time ends the reading, and what `renew` throws.
   */
  next(): Promise<readonly StreamMessage[]>
  /** Ends the reading; may be called twice. */
  stop(): void
}

const BATCH = 1_000

/** Begins to read at once. The consumer stays: whoever made it removes it. */
export const createBoundedReader = (broker: Broker, options: BoundedReaderOptions): BoundedReader =>
  new PullingReader(broker, options)

class PullingReader implements BoundedReader {
  readonly #broker: Broker
  readonly #options: BoundedReaderOptions
  readonly #delivery = emptyDelivery()
  readonly #backoff = createBackoff()
  readonly #timer: NodeJS.Timeout
  readonly #abort = (): void => this.#end()
  #pull: Pull
  #consumer: string
  #arrived: StreamMessage[] = []
  #consumerSeq = 0
  #seq = 0
  #timeUs = 0
  #messages = 0
  #bytes = 0
  #isOver = false
  #failure: AppError | undefined
  #wake = (): void => {}

  constructor(broker: Broker, options: BoundedReaderOptions) {
    const { consumer, stream, timeoutMs, signal } = options
    this.#broker = broker
    this.#options = options
    this.#timer = setTimeout(() => this.#end(slowBroker(`'${stream}' was not read in time`)), timeoutMs)
    this.#consumer = consumer
    this.#pull = this.#startPull()
    signal?.addEventListener('abort', this.#abort, { once: true })
    if (signal?.aborted === true) this.#end()
  }

  async next(): Promise<readonly StreamMessage[]> {
    if (this.#arrived.length === 0 && !this.#isOver)
      await new Promise<void>(resolve => {
        this.#wake = resolve
      })
    const arrived = this.#arrived
    this.#arrived = []
    if (arrived.length === 0 && this.#failure !== undefined) throw this.#failure
    return arrived
  }

  stop(): void {
    this.#end()
  }

  #startPull(): Pull {
    const { stream, maxMessages } = this.#options
    return startPull(internalsOf(this.#broker), {
      stream,
      consumer: this.#consumer,
      batch: BATCH,
      wanted: () => maxMessages - this.#messages,
      onMessage: message => this.#take(message),
      onIdle: () => void this.#endWhereNothingIsLeft(),
      onBroken: () => void this.#renew()
    })
  }

  #position(): ReadPosition {
    return { seq: this.#seq, timeUs: this.#timeUs }
  }

  async #renew(): Promise<void> {
    try {
      await sleep(this.#backoff.nextMs())
      if (this.#isOver) return
      this.#consumer = await this.#options.renew(this.#position())
      this.#consumerSeq = 0
      if (!this.#isOver) this.#pull = this.#startPull()
    } catch (error) {
      this.#end(AppError.from(error))
    }
  }

  // What was counted when the part was opened may have been removed since; then nothing follows.
  async #endWhereNothingIsLeft(): Promise<void> {
    const position = this.#position()
    const isEnd = await this.#options.isEnd(position).catch(() => false)
    if (isEnd && position.seq === this.#seq) this.#end()
  }

  #take(message: Msg): void {
    if (this.#isOver || !readDelivery(message.reply ?? '', this.#consumer, this.#delivery)) return
    const { consumerSeq, seq, pending, timeUs } = this.#delivery
    if (consumerSeq !== this.#consumerSeq + 1) {
      this.#pull.stop()
      void this.#renew()
      return
    }
    this.#consumerSeq = consumerSeq
    const hasRoom = seq <= this.#options.toSeq && (seq <= this.#seq || this.#keep(message, seq, timeUs))
    if (!hasRoom || pending === 0 || seq >= this.#options.toSeq) this.#end()
    else this.#wake()
  }

  // Whether there is room for more after it. One message always fits, however large.
  #keep(message: Msg, seq: number, timeUs: number): boolean {
    const { stream, fromUs, maxBytes, maxMessages } = this.#options
    this.#seq = seq
    this.#timeUs = timeUs
    if (timeUs < fromUs) return true
    this.#bytes += message.data.length
    if (this.#bytes > maxBytes && this.#messages > 0) return false
    this.#messages++
    this.#arrived.push({ stream, seq, timeUs, subject: message.subject, data: message.data.slice() })
    return this.#messages < maxMessages && this.#bytes < maxBytes
  }

  #end(failure?: AppError): void {
    if (this.#isOver) return
    this.#isOver = true
    this.#failure = failure
    clearTimeout(this.#timer)
    this.#options.signal?.removeEventListener('abort', this.#abort)
    this.#pull.stop()
    this.#wake()
  }
}
