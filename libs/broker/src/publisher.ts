import { AppError } from '@meridian/errors'
import type { Msg } from '@nats-io/nats-core'
import type { Logger } from 'pino'
import { type Batching, createBatching } from './batching.ts'
import type { Broker } from './broker.ts'
import { createInbox, internalsOf } from './internals.ts'
import { createMessageSender, type MessageSender } from './message-sender.ts'
import { createOutcomeWaiters } from './outcome-waiters.ts'
import { type PublishReply, readBatchReply, readPublishReply } from './publish-reply.ts'
import type { Publication, Publisher, PublisherOptions, PublisherStats } from './publisher-types.ts'
import { createRarely } from './rarely.ts'
import { createSendWindow, type SendWindow } from './send-window.ts'
import { createSpool, type SpooledMessage, type SubjectQueue } from './spool.ts'
import { ACK_TIMEOUT_MOST_MS, ACK_TIMEOUT_MS, notNowMs, RESEND_TICK_MS } from './timing.ts'

// The life of a message: queued (behind its subject) -> in flight (sent, with a ticket) -> settled (stored,
// or refused for good). In flight it is sent again after silence, after an answer that asks for patience, and
// whenever the connection comes back. A subject never has two messages in flight: a retry would make the
// older one its last value. What is queued behind one message goes along with it as a batch, which is stored in its
// order without a gap; a batch that is not stored to its end is split: its first message is sent again, the others are
// queued again and go one by one. Only queued messages are dropped when the spool is full.

const WINDOW = 2_000
const SPOOL_BYTES = 64 * 1024 * 1024
const SUBJECT = /^[\x21-\x7e]+$/
const ID = /^[\x21-\x7e]{1,512}$/
/** Re-sends per tick: a full window after an election must not become a storm. */
const RESENDS_PER_TICK = 250

/**
 * A publisher on a connection; it begins at once. Throws TypeError for a broker that `connectBroker` did not
 * make.
 */
export function createPublisher(broker: Broker, options: PublisherOptions): Publisher {
  return new SpoolingPublisher(broker, options)
}

class SpoolingPublisher implements Publisher {
  readonly #internals
  readonly #log: Logger
  readonly #spoolBytes: number
  readonly #ackTimeoutMs: number
  readonly #onRefused: PublisherOptions['onRefused']
  readonly #spool = createSpool()
  readonly #telemetry: SendWindow
  readonly #events: SendWindow
  readonly #batching: Readonly<Record<Publication['kind'], Batching>>
  readonly #sender: MessageSender
  readonly #undo: (() => void)[] = []
  readonly #flushes = createOutcomeWaiters()
  readonly #logRarely = createRarely()
  readonly #counts = {
    published: 0,
    acked: 0,
    duplicates: 0,
    retried: 0,
    batches: 0,
    splitBatches: 0,
    droppedTelemetry: 0,
    droppedEvents: 0,
    refused: 0
  }
  #isConnected: boolean
  #isStopped = false

  constructor(broker: Broker, options: PublisherOptions) {
    const window = options.windowMessages ?? WINDOW
    this.#internals = internalsOf(broker)
    this.#log = options.log.child({ part: 'publisher' })
    this.#spoolBytes = options.spoolBytes ?? SPOOL_BYTES
    this.#ackTimeoutMs = options.ackTimeoutMs ?? ACK_TIMEOUT_MS
    this.#onRefused = options.onRefused
    this.#telemetry = createSendWindow(window)
    this.#events = createSendWindow(Math.max(1, Math.ceil(window / 4)))
    const parts = { spool: this.#spool, counts: this.#counts }
    this.#batching = {
      telemetry: createBatching({ ...parts, window: this.#telemetry }),
      event: createBatching({ ...parts, window: this.#events })
    }
    this.#sender = createMessageSender(this.#internals.nc, createInbox(this.#internals))
    this.#isConnected = broker.state() === 'connected'
    this.#open(broker)
  }

  publish(message: Publication): void {
    if (this.#isStopped) throw new AppError('BRK_UNAVAILABLE', { detail: 'publisher is stopped' })
    this.#counts.published++
    const { subject, id } = message
    const queue = this.#spool.find(subject) ?? this.#newQueue(message)
    if (queue === undefined || !ID.test(id)) {
      this.#countRefused(subject, 'subject or message id is not printable ASCII')
      return
    }
    this.#spool.push(queue, message.data, id)
    if (queue.inFlight === undefined) {
      this.#windowOf(queue).addReady(queue)
      this.#pump()
    }
    if (this.#spool.bytes() > this.#spoolBytes) this.#dropOverflow()
  }

  flush(timeoutMs: number, { whileStored = false } = {}): Promise<boolean> {
    return this.#flushes.wait(timeoutMs, () => {
      if (this.#spool.messages() === 0) return true
      return whileStored && this.#isPostponed() ? false : undefined
    })
  }

  stop(): void {
    if (this.#isStopped) return
    this.#isStopped = true
    for (const undo of this.#undo) undo()
  }

  stats(): PublisherStats {
    return { ...this.#counts, pending: this.#spool.messages(), spoolBytes: this.#spool.bytes() }
  }

  #open(broker: Broker): void {
    const { nc, permissionListeners } = this.#internals
    const subscription = nc.subscribe(this.#sender.answers, {
      callback: (error, message) => {
        if (error === null) this.#answered(message)
        else this.#log.error({ err: error }, 'publisher may not hear answers')
      }
    })
    const forbidden = (operation: string, subject: string): boolean =>
      operation === 'publish' && this.#notPermitted(subject)
    permissionListeners.add(forbidden)
    const tick = setInterval(() => this.#resendDue(), RESEND_TICK_MS).unref()
    this.#undo.push(
      () => nc.isClosed() || subscription.unsubscribe(),
      () => permissionListeners.delete(forbidden),
      () => clearInterval(tick),
      broker.onState(state => this.#connectionIs(state === 'connected'))
    )
  }

  #newQueue({ subject, kind }: Publication): SubjectQueue | undefined {
    return SUBJECT.test(subject) ? this.#spool.queueOf(subject, kind) : undefined
  }

  #windowOf({ kind }: Pick<SubjectQueue, 'kind'>): SendWindow {
    return kind === 'event' ? this.#events : this.#telemetry
  }

  #pump(): void {
    if (!this.#isConnected) return
    this.#pumpWindow(this.#events)
    this.#pumpWindow(this.#telemetry)
  }

  #pumpWindow(window: SendWindow): void {
    for (let queue = window.takeReady(); queue !== undefined; queue = window.takeReady()) {
      const entry = this.#spool.shift(queue)
      if (entry === undefined) continue
      queue.inFlight = entry
      this.#batching[queue.kind].take(entry)
      window.add(entry)
      this.#send(entry, performance.now())
    }
  }

  #send(entry: SpooledMessage, nowMs: number): void {
    entry.attempts++
    entry.dueMs = nowMs + Math.min(ACK_TIMEOUT_MOST_MS, this.#ackTimeoutMs * 2 ** (entry.attempts - 1))
    if (!this.#sender.send(entry)) this.#refuse(entry, 'larger than max_payload')
  }

  #answered(message: Msg): void {
    const answered = this.#sender.askedBy(message.subject)
    const entry = this.#windowOf(answered).find(answered.ticket)
    if (entry === undefined) return
    const reply =
      entry.along === undefined
        ? readPublishReply(message.data)
        : readBatchReply(message.data, 1 + entry.along.length)
    if (reply !== undefined) this.#settleBy(entry, reply)
  }

  #settleBy(entry: SpooledMessage, reply: PublishReply): void {
    switch (reply.kind) {
      case 'stored':
        this.#counts.acked += 1 + (entry.along?.length ?? 0)
        if (entry.along !== undefined) this.#batching[entry.queue.kind].stored()
        this.#settle(entry)
        break
      case 'duplicate':
        this.#counts.acked++
        this.#counts.duplicates++
        this.#settle(entry)
        break
      case 'retry':
        entry.dueMs = performance.now() + notNowMs(entry.postponed++)
        this.#flushes.lookAgain()
        break
      case 'refused':
        this.#refuse(entry, reply.reason)
        break
    }
  }

  #settle(entry: SpooledMessage): void {
    const { queue } = entry
    const window = this.#windowOf(queue)
    window.remove(entry)
    queue.inFlight = undefined
    this.#spool.release(entry)
    if (entry.along !== undefined) for (const message of entry.along) this.#spool.release(message)
    if (queue.head !== undefined) window.addReady(queue)
    this.#pump()
    if (this.#spool.messages() === 0) this.#flushes.lookAgain()
  }

  #refuse(entry: SpooledMessage, reason: string): void {
    if (this.#splitBatch(entry)) return
    this.#countRefused(entry.queue.subject, reason)
    this.#settle(entry)
  }

  #countRefused(subject: string, reason: string): void {
    this.#counts.refused++
    this.#logRarely('refused', () =>
      this.#log.error({ subject, reason, refused: this.#counts.refused }, 'message refused')
    )
    this.#onRefused?.({ subject, reason })
  }

  #notPermitted(subject: string): boolean {
    const entry = this.#spool.find(subject)?.inFlight
    if (entry === undefined) return false
    this.#refuse(entry, 'not permitted')
    return true
  }

  #connectionIs(isConnected: boolean): void {
    this.#isConnected = isConnected
    if (!isConnected) {
      this.#batching.event.forget()
      this.#batching.telemetry.forget()
      return
    }
    const nowMs = performance.now()
    const again = (entry: SpooledMessage): void => {
      entry.postponed = 0
      this.#resend(entry, nowMs)
    }
    this.#events.visit(again)
    this.#telemetry.visit(again)
    this.#pump()
  }

  #resendDue(): void {
    if (!this.#isConnected) return
    const nowMs = performance.now()
    let left = RESENDS_PER_TICK
    const each = (entry: SpooledMessage): void => {
      if (entry.dueMs > nowMs || left === 0) return
      left--
      this.#resend(entry, nowMs)
    }
    if (this.#events.size() > 0) this.#events.visit(each)
    if (this.#telemetry.size() > 0) this.#telemetry.visit(each)
  }

  #resend(entry: SpooledMessage, nowMs: number): void {
    this.#counts.retried++
    if (!this.#splitBatch(entry)) this.#send(entry, nowMs)
  }

  /** Sends a batch again as single messages; returns false for what is none. */
  #splitBatch(entry: SpooledMessage): boolean {
    if (entry.along === undefined) return false
    this.#batching[entry.queue.kind].failed(entry)
    this.#send(entry, performance.now())
    return true
  }

  #dropOverflow(): void {
    while (this.#spool.bytes() > this.#spoolBytes) {
      if (this.#spool.dropOldest('telemetry') !== undefined) this.#counts.droppedTelemetry++
      else if (this.#spool.dropOldest('event') !== undefined) this.#counts.droppedEvents++
      else return
    }
    const { droppedTelemetry, droppedEvents } = this.#counts
    const facts = { droppedTelemetry, droppedEvents }
    this.#logRarely('dropped', () => this.#log.error(facts, 'spool is full: messages dropped'))
  }

  /** Whether the broker has asked for patience for all that is on its way. */
  #isPostponed(): boolean {
    let hopeful = 0
    const each = ({ postponed }: SpooledMessage): void => {
      if (postponed === 0) hopeful++
    }
    this.#events.visit(each)
    this.#telemetry.visit(each)
    return hopeful === 0 && this.#isConnected
  }
}
