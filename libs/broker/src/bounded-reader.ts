import { AppError } from '@meridian/errors'
import type { Msg } from '@nats-io/nats-core'
import type { Broker } from './broker.ts'
import { emptyDelivery, readDelivery } from './delivery.ts'
import { internalsOf } from './internals.ts'
import { type Pull, startPull } from './pull.ts'
import type { StreamMessage } from './stream-message.ts'

/** A consumer that was made for this, and the bounds of what is wanted of it. */
export interface BoundedReaderOptions {
  readonly stream: string
  readonly consumer: string
  /** What was stored before it is left out, for the server's start times are cut to ms; 0: nothing. */
  readonly fromUs: number
  readonly toSeq: number
  readonly maxMessages: number
  readonly maxBytes: number
  readonly timeoutMs: number
}

/** Hands over what a consumer delivers, up to a bound. */
export interface BoundedReader {
  /**
   * What has arrived meanwhile, at least one message; empty at the end. Throws BRK_TIMEOUT or
   * BRK_UNAVAILABLE.
   */
  next(): Promise<readonly StreamMessage[]>
  stop(): void
}

const BATCH = 1_000

/** Begins to read at once. The consumer stays: whoever made it removes it. */
export const createBoundedReader = (broker: Broker, options: BoundedReaderOptions): BoundedReader =>
  new PullingReader(broker, options)

class PullingReader implements BoundedReader {
  readonly #options: BoundedReaderOptions
  readonly #delivery = emptyDelivery()
  readonly #timer: NodeJS.Timeout
  readonly #pull: Pull
  #arrived: StreamMessage[] = []
  #consumerSeq = 0
  #messages = 0
  #bytes = 0
  #isOver = false
  #failure: AppError | undefined
  #wake = (): void => {}

  constructor(broker: Broker, options: BoundedReaderOptions) {
    const { stream, consumer, maxMessages, timeoutMs } = options
    this.#options = options
    this.#timer = setTimeout(() => this.#end(new AppError('BRK_TIMEOUT', { stream })), timeoutMs)
    this.#pull = startPull(internalsOf(broker), {
      stream,
      consumer,
      batch: BATCH,
      wanted: () => maxMessages - this.#messages,
      onMessage: message => this.#take(message),
      onBroken: why => this.#end(new AppError('BRK_UNAVAILABLE', { detail: why, stream }))
    })
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

  #take(message: Msg): void {
    if (this.#isOver || !readDelivery(message.reply ?? '', this.#options.consumer, this.#delivery)) return
    const { consumerSeq, seq, pending, timeUs } = this.#delivery
    if (consumerSeq !== this.#consumerSeq + 1) {
      this.#end(new AppError('BRK_UNAVAILABLE', { detail: 'a message was lost on the way' }))
      return
    }
    this.#consumerSeq = consumerSeq
    const hasRoom = seq <= this.#options.toSeq && this.#keep(message, seq, timeUs)
    if (!hasRoom || pending === 0 || seq >= this.#options.toSeq) this.#end()
    else this.#wake()
  }

  // Whether there is room for more after it. One message always fits, however large.
  #keep(message: Msg, seq: number, timeUs: number): boolean {
    const { stream, fromUs, maxBytes, maxMessages } = this.#options
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
    this.#pull.stop()
    this.#wake()
  }
}
