import { AppError } from '@meridian/errors'
import type { StreamInfo } from '@nats-io/jetstream'
import type { Msg } from '@nats-io/nats-core'
import type { Logger } from 'pino'
import { ulid } from 'ulid'
import { createBackoff } from './backoff.ts'
import { Barrier } from './barrier.ts'
import type { Broker } from './broker.ts'
import { addReadConsumer, removeConsumer } from './consumer.ts'
import { deliverFrom, deliverFromSeq } from './deliver-from.ts'
import { emptyDelivery, readDelivery } from './delivery.ts'
import type { Follower, FollowerOptions, FollowerStats, Head } from './follower-types.ts'
import { internalsOf } from './internals.ts'
import { whyAnotherLog } from './log-identity.ts'
import { type Pull, startPull } from './pull.ts'
import { createRarely } from './rarely.ts'
import { holdsNothing } from './read-message.ts'
import { ReadPosition } from './read-position.ts'
import { createRetryLog, type RetryLog } from './retry-log.ts'
import { epochOf, maxPerSubjectOf, streamInfo, subjectsHeld } from './stream-info.ts'
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
  readonly #retries: RetryLog
  readonly #delivery = emptyDelivery()
  readonly #at: ReadPosition
  readonly #barrier: Barrier
  #state: 'idle' | 'opening' | 'running' | 'stopped' = 'idle'
  #pull: Pull | undefined
  #retry: NodeJS.Timeout | undefined
  #offState: (() => void) | undefined
  #consumer = ''
  #consumerSeq = 0
  /** The last sequence of the stream when the consumer was made. */
  #end = 0
  #maxPerSubject = Number.POSITIVE_INFINITY
  #messages = 0
  #bytes = 0
  #creations = 0
  #resets = 0
  #callbackErrors = 0
  #pending = 0
  readonly #logRarely = createRarely()

  constructor(broker: Broker, options: FollowerOptions) {
    const { stream, log, name, onHole } = options
    this.#broker = broker
    this.#internals = internalsOf(broker)
    this.#options = options
    this.#log = log.child({ part: 'follower', stream })
    this.#retries = createRetryLog(this.#log, 'consumer')
    this.#names = `${name}_${ulid().slice(-10).toLowerCase()}`
    this.#at = new ReadPosition(hole => this.#call(() => onHole?.(hole)))
    this.#barrier = new Barrier(broker, {
      stream,
      onPassed: seq => this.#pastIsThere(seq),
      onUnknown: () => this.#reopen('barrier could not be read')
    })
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
    return !this.#barrier.isUp
  }

  whenReady(): Promise<void> {
    return this.#barrier.whenPassed()
  }

  head(): Head {
    const { epoch, seq, timeUs } = this.#at
    return { epoch, seq, timeUs, maxPerSubject: this.#maxPerSubject }
  }

  stats(): FollowerStats {
    return {
      messages: this.#messages,
      bytes: this.#bytes,
      creations: this.#creations,
      resets: this.#resets,
      skipped: this.#at.skipped,
      callbackErrors: this.#callbackErrors,
      pending: this.#pending,
      failing: this.#retries.failing()
    }
  }

  #isStopped(): boolean {
    return this.#state === 'stopped'
  }

  #reopen(why: string): void {
    if (this.#state !== 'running') return
    this.#logRarely(why, () => this.#log.info({ why, seq: this.#at.seq }, 'consumer is replaced'))
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
    this.#retries.failed(AppError.from(error), waitMs)
    this.#retry = setTimeout(() => this.#attempt(), waitMs).unref()
  }

  async #open(): Promise<void> {
    const info = await streamInfo(this.#broker, this.#options.stream)
    const reason = await this.#whyAnother(info)
    if (this.#isStopped()) return
    if (reason !== undefined) this.#reset(reason)
    await this.#tellSubjects()
    if (this.#barrier.isUp) this.#at.epoch = epochOf(info)
    else this.#at.passTo(info.state.first_seq)
    this.#end = info.state.last_seq
    this.#maxPerSubject = maxPerSubjectOf(info)
    const consumer = await this.#createConsumer(info)
    if (this.#barrier.isUp) await this.#barrier.place()
    if (this.#isStopped()) return this.#deleteConsumer()
    this.#state = 'running'
    this.#backoff.reset()
    this.#retries.succeeded()
    this.#startPull()
    if (consumer.num_pending === 0) this.#nothingWaits(consumer.delivered.stream_seq)
  }

  #nothingWaits(seq: number): void {
    if (this.#barrier.isUp) this.#barrier.delivered(seq, 0)
    else if (this.#at.seq < this.#end) void this.#passDeletedEnd()
  }

  // What was deleted at the end of the stream while there was no consumer is shown by no message.
  async #passDeletedEnd(): Promise<void> {
    const { seq } = this.#at
    const rest = { subject: '>', fromSeq: seq + 1, toSeq: this.#end }
    const isDeleted = await holdsNothing(this.#broker, this.#options.stream, rest).catch(() => false)
    if (isDeleted && this.#state === 'running' && this.#at.seq === seq) this.#at.passTo(rest.toSeq + 1)
  }

  // Booting, an epoch is enough: nothing has been handed out that a cursor could name.
  async #whyAnother(info: StreamInfo): Promise<string | undefined> {
    const { epoch, seq, timeUs } = this.#at
    if (epoch === '') return undefined
    const position = { epoch, seq, timeUs: this.#barrier.isUp ? 0 : timeUs }
    const mayPass = this.#options.onHole !== undefined
    return whyAnotherLog(this.#broker, this.#options.stream, info, { ...position, mayPass })
  }

  async #tellSubjects(): Promise<void> {
    const { onSubjects, stream } = this.#options
    if (onSubjects === undefined || this.#creations === 0) return
    const held = await subjectsHeld(this.#broker, stream)
    if (!this.#isStopped()) await onSubjects(held).catch((err: unknown) => this.#failed(err))
  }

  #reset(reason: string): void {
    this.#resets++
    const { epoch, seq } = this.#at
    this.#log.warn({ reason, epoch, seq }, 'stream is another one: starting anew')
    this.#barrier.raise()
    this.#at.reset()
    this.#call(() => this.#options.onReset(reason))
  }

  async #createConsumer(info: StreamInfo) {
    const { start, stream } = this.#options
    this.#consumer = `${this.#names}_${this.#creations}`
    this.#creations++
    return addReadConsumer(this.#broker, {
      stream,
      name: this.#consumer,
      inactiveMs: FOLLOWER_INACTIVE_MS,
      from: this.#barrier.isUp ? deliverFrom(start, info) : deliverFromSeq(this.#at.seq + 1)
    })
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
    this.#pending = pending
    const isBooting = this.#barrier.isUp
    if (seq > this.#at.seq) {
      if (isBooting) this.#at.jumpTo(seq, timeUs)
      else this.#at.moveTo(seq, timeUs)
      this.#hand(message, seq, timeUs)
    }
    if (isBooting && pending > 0) this.#barrier.delivered(seq, pending)
    else if (pending === 0) this.#nothingWaits(seq)
  }

  #hand({ subject, data: part }: Msg, seq: number, timeUs: number): void {
    // A copy: what nats.js gives is a part of the socket's buffer, and one rare value would keep all of that.
    const data = part.slice()
    this.#messages++
    this.#bytes += data.length
    try {
      this.#options.onMessage({ stream: this.#options.stream, seq, timeUs, subject, data })
    } catch (err) {
      this.#failed(err)
    }
  }

  #pastIsThere(seq: number): void {
    if (seq > this.#at.seq) this.#at.jumpTo(seq, 0)
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
    const facts = { err, seq: this.#at.seq, total: this.#callbackErrors }
    this.#logRarely('callback', () => this.#log.error(facts, 'follower callback failed'))
  }

  async #deleteConsumer(): Promise<void> {
    if (this.#consumer !== '') await removeConsumer(this.#broker, this.#options.stream, this.#consumer)
  }
}
