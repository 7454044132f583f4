import { AppError } from '@meridian/errors'
import { type ConsumerConfig, type ConsumerInfo, DeliverPolicy, type StreamInfo } from '@nats-io/jetstream'
import type { Msg } from '@nats-io/nats-core'
import type { Logger } from 'pino'
import { ulid } from 'ulid'
import { createBackoff } from './backoff.ts'
import type { Broker } from './broker.ts'
import { addReadConsumer, removeConsumer } from './consumer.ts'
import { emptyDelivery, readDelivery } from './delivery.ts'
import type { Follower, FollowerOptions, FollowerStats, Head } from './follower-types.ts'
import { internalsOf } from './internals.ts'
import { whyAnotherLog } from './log-identity.ts'
import { type Pull, startPull } from './pull.ts'
import { createRarely } from './rarely.ts'
import { messageAt } from './read-message.ts'
import { epochOf, maxPerSubjectOf, streamInfo, streamState } from './stream-info.ts'
import { FOLLOWER_INACTIVE_MS } from './timing.ts'

// idle -> opening (reads the stream, makes a consumer) -> running (pulls). Any sign that the consumer may be
// gone leads back to opening, with back-off; `stop` ends from anywhere. Apart from that a follower is booting
// until it has delivered what the stream held when it was opened (the barrier), and has a cursor from then
// on: booting, a new consumer begins at the start again and what was delivered is left out; with a cursor, it
// continues behind it, once the log has been proved to be the same one. If it is not, the follower resets and
// boots anew.

const BATCH = 1_000

/** A follower on a connection; nothing is asked before `start`. */
export function createFollower(broker: Broker, options: FollowerOptions): Follower {
  return new StreamFollower(broker, options)
}

class StreamFollower implements Follower {
  readonly #broker: Broker
  readonly #internals
  readonly #options: FollowerOptions
  readonly #log: Logger
  readonly #names: string
  readonly #backoff = createBackoff()
  readonly #delivery = emptyDelivery()
  readonly #readyListeners = new Set<() => void>()
  #state: 'idle' | 'opening' | 'running' | 'stopped' = 'idle'
  #pull: Pull | undefined
  #retry: NodeJS.Timeout | undefined
  #offState: (() => void) | undefined
  #consumer = ''
  #isBooting = true
  #barrier = 0
  #epoch = ''
  #seq = 0
  #timeUs = 0
  #maxPerSubject = Number.POSITIVE_INFINITY
  #consumerSeq = 0
  #messages = 0
  #bytes = 0
  #creations = 0
  #resets = 0
  #skipped = 0
  #callbackErrors = 0
  readonly #logRarely = createRarely()
  #tries = 0
  /** Code of the failure that was told last, while tries go on. */
  #failure = ''

  constructor(broker: Broker, options: FollowerOptions) {
    this.#broker = broker
    this.#internals = internalsOf(broker)
    this.#options = options
    this.#log = options.log.child({ part: 'follower', stream: options.stream })
    this.#names = `${options.name}_${ulid().slice(-10).toLowerCase()}`
  }

  async start(): Promise<void> {
    this.#offState = this.#broker.onState(state => {
      if (state === 'connected') this.#connectionRegained()
    })
    this.#state = 'opening'
    try {
      await this.#open()
    } catch (error) {
      const { code } = AppError.from(error)
      if (code === 'BRK_NO_STREAM' || code === 'BRK_NOT_PERMITTED') {
        await this.stop()
        throw error
      }
      this.#openLater(error)
    }
  }

  async stop(): Promise<void> {
    if (this.#state === 'stopped') return
    this.#state = 'stopped'
    this.#offState?.()
    clearTimeout(this.#retry)
    this.#pull?.stop()
    await this.#deleteConsumer()
  }

  ready(): boolean {
    return !this.#isBooting
  }

  whenReady(): Promise<void> {
    if (!this.#isBooting) return Promise.resolve()
    return new Promise(resolve => this.#readyListeners.add(resolve))
  }

  head(): Head {
    return { epoch: this.#epoch, seq: this.#seq, timeUs: this.#timeUs, maxPerSubject: this.#maxPerSubject }
  }

  stats(): FollowerStats {
    return {
      messages: this.#messages,
      bytes: this.#bytes,
      creations: this.#creations,
      resets: this.#resets,
      skipped: this.#skipped,
      callbackErrors: this.#callbackErrors
    }
  }

  #isStopped(): boolean {
    return this.#state === 'stopped'
  }

  #reopen(why: string): void {
    if (this.#state !== 'running') return
    this.#log.info({ why, seq: this.#seq }, 'consumer is replaced')
    this.#state = 'opening'
    this.#pull?.stop()
    void this.#deleteConsumer()
    this.#attempt()
  }

  #connectionRegained(): void {
    this.#backoff.reset()
    if (this.#retry === undefined) this.#reopen('connection regained')
    else this.#attempt()
  }

  #attempt(): void {
    clearTimeout(this.#retry)
    this.#retry = undefined
    this.#open().catch((error: unknown) => this.#openLater(error))
  }

  #openLater(error: unknown): void {
    if (this.#isStopped() || this.#broker.state() === 'closed') return
    const waitMs = this.#backoff.nextMs()
    this.#failedToOpen(AppError.from(error), waitMs)
    this.#retry = setTimeout(() => this.#attempt(), waitMs).unref()
  }

  // One line for each change, without a stack: while a broker is away every try fails in the same way.
  #failedToOpen({ code, message }: AppError, waitMs: number): void {
    this.#tries++
    const level = code === this.#failure ? 'debug' : 'warn'
    this.#failure = code
    this.#log[level](
      { reason: message, waitMs: Math.round(waitMs) },
      'consumer could not be made: tries again'
    )
  }

  #opened(): void {
    if (this.#tries > 0) this.#log.info({ tries: this.#tries }, 'consumer is made again')
    this.#tries = 0
    this.#failure = ''
  }

  async #open(): Promise<void> {
    const { stream } = this.#options
    const info = await streamInfo(this.#broker, stream)
    const reason = await this.#whyAnother(info)
    if (this.#isStopped()) return
    if (reason !== undefined) this.#reset(reason)
    if (this.#isBooting) this.#epoch = epochOf(info)
    this.#maxPerSubject = maxPerSubjectOf(info)
    this.#passHead(info.state.first_seq)
    const consumer = await this.#createConsumer(info)
    // The barrier is read behind the consumer: a subject that was overwritten between a barrier before it and
    // the consumer would have no value yet when the barrier is passed.
    if (this.#isBooting) this.#barrier = (await streamState(this.#broker, stream)).lastSeq
    if (this.#isStopped()) return this.#deleteConsumer()
    this.#state = 'running'
    this.#backoff.reset()
    this.#opened()
    this.#startPull()
    if (this.#isBooting && consumer.num_pending === 0) this.#mayPassBarrier(consumer.delivered.stream_seq)
  }

  // Booting, an epoch is enough: nothing has been handed out that a cursor could name.
  async #whyAnother(info: StreamInfo): Promise<string | undefined> {
    if (this.#epoch === '') return undefined
    const { epoch, seq, timeUs } = this.head()
    const position = { epoch, seq, timeUs: this.#isBooting ? 0 : timeUs }
    const mayPass = this.#options.onHole !== undefined
    return whyAnotherLog(this.#broker, this.#options.stream, info, { ...position, mayPass })
  }

  // What the head of the log has passed will not come, and after a purge no message follows that would show
  // it.
  #passHead(firstSeq: number): void {
    if (this.#isBooting || firstSeq <= this.#seq + 1) return
    this.#tellHole(firstSeq - 1)
    this.#seq = firstSeq - 1
    this.#timeUs = 0
  }

  #tellHole(to: number): void {
    const from = this.#seq + 1
    if (this.#isBooting || from > to) return
    this.#skipped += to - from + 1
    this.#call(() => this.#options.onHole?.({ from, to }))
  }

  #reset(reason: string): void {
    this.#resets++
    this.#log.warn({ reason, epoch: this.#epoch, seq: this.#seq }, 'stream is another one: starting anew')
    this.#isBooting = true
    this.#seq = 0
    this.#timeUs = 0
    this.#call(() => this.#options.onReset(reason))
  }

  #createConsumer(info: StreamInfo): Promise<ConsumerInfo> {
    this.#consumer = `${this.#names}_${this.#creations}`
    this.#creations++
    return addReadConsumer(this.#broker, {
      stream: this.#options.stream,
      name: this.#consumer,
      inactiveMs: FOLLOWER_INACTIVE_MS,
      from: this.#deliverFrom(info)
    })
  }

  #deliverFrom(info: StreamInfo): Partial<ConsumerConfig> {
    const { start } = this.#options
    if (!this.#isBooting) return { deliver_policy: DeliverPolicy.StartSequence, opt_start_seq: this.#seq + 1 }
    if (start.kind === 'last-per-subject')
      return { deliver_policy: DeliverPolicy.LastPerSubject, filter_subject: '>' }
    const nowMs = info.ts === undefined ? Date.now() : Date.parse(info.ts)
    return {
      deliver_policy: DeliverPolicy.StartTime,
      opt_start_time: new Date(nowMs - start.ms).toISOString()
    }
  }

  #startPull(): void {
    this.#consumerSeq = 0
    this.#pull = startPull(this.#internals, {
      stream: this.#options.stream,
      consumer: this.#consumer,
      batch: BATCH,
      onMessage: message => this.#take(message),
      onBroken: why => this.#reopen(why)
    })
  }

  #take(message: Msg): void {
    const delivery = this.#delivery
    if (!readDelivery(message.reply ?? '', this.#consumer, delivery)) return
    if (delivery.consumerSeq !== this.#consumerSeq + 1) {
      this.#reopen('delivery sequence has a hole')
      return
    }
    this.#consumerSeq = delivery.consumerSeq
    const { seq, timeUs, pending } = delivery
    if (seq > this.#seq) this.#hand(message, seq, timeUs)
    if (this.#isBooting && (pending === 0 || seq >= this.#barrier)) this.#mayPassBarrier(seq)
  }

  #hand(message: Msg, seq: number, timeUs: number): void {
    this.#tellHole(seq - 1)
    this.#seq = seq
    this.#timeUs = timeUs
    // A copy: what nats.js gives is a part of the socket's buffer, and one rare value would keep all of that.
    const data = message.data.slice()
    this.#messages++
    this.#bytes += data.length
    try {
      this.#options.onMessage({ stream: this.#options.stream, seq, timeUs, subject: message.subject, data })
    } catch (err) {
      this.#failed(err)
    }
  }

  // Nothing waits and yet the barrier was not reached: either its message was deleted, or the consumer's
  // server lags and will deliver it.
  #mayPassBarrier(seq: number): void {
    if (seq >= this.#barrier) {
      this.#passBarrier(seq)
      return
    }
    const consumer = this.#consumer
    messageAt(this.#broker, this.#options.stream, this.#barrier).then(
      message => {
        if (message === undefined && this.#consumer === consumer && this.#isBooting) this.#passBarrier(seq)
      },
      () => this.#reopen('barrier could not be read')
    )
  }

  #passBarrier(seq: number): void {
    if (seq > this.#seq) this.#seq = seq
    this.#isBooting = false
    for (const listener of this.#readyListeners) listener()
    this.#readyListeners.clear()
  }

  #call(run: () => void): void {
    try {
      run()
    } catch (err) {
      this.#failed(err)
    }
  }

  #failed(err: unknown): void {
    this.#callbackErrors++
    const facts = { err, seq: this.#seq, total: this.#callbackErrors }
    this.#logRarely('callback', () => this.#log.error(facts, 'follower callback failed'))
  }

  async #deleteConsumer(): Promise<void> {
    if (this.#consumer !== '') await removeConsumer(this.#broker, this.#options.stream, this.#consumer)
  }
}
