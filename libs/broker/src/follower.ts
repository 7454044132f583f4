import { AppError } from '@meridian/errors'
import type { Msg } from '@nats-io/nats-core'
import type { Logger } from 'pino'
import { ulid } from 'ulid'
import { createBackoff } from './backoff.ts'
import type { Broker } from './broker.ts'
import { emptyDelivery, readDelivery } from './delivery.ts'
import type { Follower, FollowerOptions, FollowerStats, Head } from './follower-types.ts'
import { internalsOf } from './internals.ts'
import { API_ERROR, askJetStream, isApiError } from './jetstream-api.ts'
import {
  type ConsumerInfo,
  epochOf,
  microsecondsOf,
  type StoredMessage,
  type StreamInfo
} from './jetstream-types.ts'
import { type Pull, startPull } from './pull.ts'

// idle -> opening (reads the stream, makes a consumer) -> running (pulls). Any sign that the consumer may be gone leads back to opening, with
// back-off; `stop` ends from anywhere. Apart from that a follower is booting until it has delivered what the stream held when it was opened
// (the barrier), and has a cursor from then on: booting, a new consumer begins at the start again and what was delivered is left out; with a
// cursor, it continues behind it, once the log has been proved to be the same one. If it is not, the follower resets and boots anew.

const BATCH = 1_000
const NANOSECONDS = 1_000_000
const INACTIVE_MS = 30_000

/** Makes a follower on a connection. */
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
  #consumerSeq = 0
  #messages = 0
  #bytes = 0
  #creations = 0
  #resets = 0
  #skipped = 0
  #callbackErrors = 0

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
    return { epoch: this.#epoch, seq: this.#seq, timeUs: this.#timeUs }
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
    this.#log.warn({ err: error, waitMs: Math.round(waitMs) }, 'consumer could not be made')
    this.#retry = setTimeout(() => this.#attempt(), waitMs).unref()
  }

  async #open(): Promise<void> {
    const info = await askJetStream<StreamInfo>(
      this.#broker,
      `STREAM.INFO.${this.#options.stream}`,
      undefined
    )
    const reason = await this.#whyAnother(info)
    if (this.#isStopped()) return
    if (reason !== undefined) this.#reset(reason)
    if (this.#isBooting) this.#epoch = epochOf(info)
    const consumer = await this.#createConsumer(info)
    // The barrier is read behind the consumer: a subject that was overwritten between a barrier before it and the consumer would have no
    // value yet when the barrier is passed.
    if (this.#isBooting) this.#barrier = (await this.#streamInfo()).state.last_seq
    if (this.#isStopped()) return this.#deleteConsumer()
    this.#state = 'running'
    this.#backoff.reset()
    this.#startPull()
    if (this.#isBooting && consumer.num_pending === 0) this.#mayPassBarrier(consumer.delivered.stream_seq)
  }

  #streamInfo(): Promise<StreamInfo> {
    return askJetStream<StreamInfo>(this.#broker, `STREAM.INFO.${this.#options.stream}`, undefined)
  }

  // Whether the log is still the one of the cursor, with nothing dropped behind it [docs/nats.md#resuming].
  async #whyAnother(info: StreamInfo): Promise<string | undefined> {
    if (this.#epoch === '') return undefined
    if (epochOf(info) !== this.#epoch) return 'epoch differs'
    if (info.state.last_seq < this.#seq) return 'log was rolled back'
    if (this.#isBooting || this.#timeUs === 0) return undefined
    if (info.state.first_seq > this.#seq + 1) return 'retention passed the cursor'
    const timeUs = await this.#timeAt(this.#seq)
    return timeUs === undefined || timeUs === this.#timeUs ? undefined : 'log was rewritten'
  }

  async #timeAt(seq: number): Promise<number | undefined> {
    try {
      const name = `STREAM.MSG.GET.${this.#options.stream}`
      const { message } = await askJetStream<StoredMessage>(this.#broker, name, { seq })
      return microsecondsOf(message.time)
    } catch (error) {
      if (isApiError(error, API_ERROR.messageNotFound)) return undefined
      throw error
    }
  }

  #reset(reason: string): void {
    this.#resets++
    this.#log.warn({ reason, epoch: this.#epoch, seq: this.#seq }, 'stream is another one: starting anew')
    this.#isBooting = true
    this.#seq = 0
    this.#timeUs = 0
    this.#call(() => this.#options.onReset(reason))
  }

  async #createConsumer(info: StreamInfo): Promise<ConsumerInfo> {
    const { stream } = this.#options
    const name = `${this.#names}_${this.#creations}`
    this.#creations++
    const config = {
      name,
      ack_policy: 'none',
      mem_storage: true,
      num_replicas: 1,
      inactive_threshold: INACTIVE_MS * NANOSECONDS,
      replay_policy: 'instant',
      max_deliver: -1,
      metadata: { app: this.#options.name },
      ...this.#deliverFrom(info)
    }
    const filter = 'filter_subject' in config ? '.>' : ''
    const request = { stream_name: stream, config, action: 'create' }
    this.#consumer = name
    return askJetStream<ConsumerInfo>(this.#broker, `CONSUMER.CREATE.${stream}.${name}${filter}`, request)
  }

  #deliverFrom(info: StreamInfo): object {
    const { start } = this.#options
    if (!this.#isBooting) return { deliver_policy: 'by_start_sequence', opt_start_seq: this.#seq + 1 }
    if (start.kind === 'last-per-subject') return { deliver_policy: 'last_per_subject', filter_subject: '>' }
    const nowMs = info.ts === undefined ? Date.now() : Date.parse(info.ts)
    return { deliver_policy: 'by_start_time', opt_start_time: new Date(nowMs - start.ms).toISOString() }
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
    if (!this.#isBooting) this.#skipped += seq - this.#seq - 1
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

  // Nothing waits and yet the barrier was not reached: either its message was deleted, or the consumer's server lags and will deliver it.
  #mayPassBarrier(seq: number): void {
    if (seq >= this.#barrier) {
      this.#passBarrier(seq)
      return
    }
    const consumer = this.#consumer
    this.#timeAt(this.#barrier).then(
      timeUs => {
        if (timeUs === undefined && this.#consumer === consumer && this.#isBooting) this.#passBarrier(seq)
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
    this.#log.error({ err, seq: this.#seq }, 'follower callback failed')
  }

  async #deleteConsumer(): Promise<void> {
    if (this.#consumer === '' || this.#broker.state() !== 'connected') return
    const name = `CONSUMER.DELETE.${this.#options.stream}.${this.#consumer}`
    await askJetStream(this.#broker, name, undefined).catch(() => {})
  }
}
