import { setTimeout as sleep } from 'node:timers/promises'
import { AppError } from '@meridian/errors'
import { AckPolicy, DeliverPolicy, ReplayPolicy } from '@nats-io/jetstream'
import { type Msg, nanos } from '@nats-io/nats-core'
import type { Logger } from 'pino'
import { createBackoff } from './backoff.ts'
import type { Broker } from './broker.ts'
import { isConsumerExists, isConsumerNotFound } from './broker-error.ts'
import { emptyDelivery, readDelivery } from './delivery.ts'
import { internalsOf } from './internals.ts'
import { askJetStream } from './jetstream.ts'
import { headersOf } from './message.ts'
import type { PartitionMessage, PartitionOptions } from './partition-options.ts'
import { type Pull, startPull } from './pull.ts'
import { createRarely } from './rarely.ts'
import { createRetryLog, type RetryLog } from './retry-log.ts'
import { ACK_WAIT_MS, API_TIMEOUT_MS, FAILED_DELAY_MS, LOG_FAILED_EVERY_MS } from './timing.ts'

// opening (makes sure of the consumer) -> running (one message at a time) -> opening again whenever the
// consumer may be gone; stopping takes no more and waits for the message in hand -> stopped.

/** A partition from which messages are taken until `stop`. */
export interface Partition {
  /** Resolves when the consumer exists and messages can arrive. */
  whenReady(): Promise<void>
  /** Takes no more; resolves when the message in hand is done with. */
  stop(): Promise<void>
}

/**
 * Takes messages one at a time and in stream order from a durable consumer that any number of processes
 * share: of all of them, one has one message [docs/commands.md#dispatch]. Begins at once and keeps trying
 * while the broker is away.
 */
export function consumePartition(broker: Broker, options: PartitionOptions): Partition {
  return new SharedPartition(broker, options)
}

class SharedPartition implements Partition {
  readonly #broker: Broker
  readonly #options: PartitionOptions
  readonly #log: Logger
  readonly #backoff = createBackoff()
  readonly #retries: RetryLog
  readonly #offState: () => void
  readonly #readyListeners = new Set<() => void>()
  readonly #rarely = createRarely({ everyMs: LOG_FAILED_EVERY_MS })
  #state: 'opening' | 'running' | 'stopped' = 'opening'
  #retry: NodeJS.Timeout | undefined
  #pull: Pull | undefined
  #inHand: Promise<void> = Promise.resolve()
  #stopped: Promise<void> | undefined
  #lastSettled: string | undefined
  #consumerMade = ''

  constructor(broker: Broker, options: PartitionOptions) {
    this.#broker = broker
    this.#options = options
    this.#log = options.log.child({ part: 'partition', stream: options.stream, durable: options.durable })
    this.#retries = createRetryLog(this.#log, 'partition')
    this.#offState = broker.onState(state => {
      if (state === 'connected') this.#reopen('connection regained')
    })
    this.#attempt()
  }

  whenReady(): Promise<void> {
    if (this.#state === 'running') return Promise.resolve()
    return new Promise(resolve => this.#readyListeners.add(resolve))
  }

  stop(): Promise<void> {
    this.#stopped ??= this.#end()
    return this.#stopped
  }

  async #end(): Promise<void> {
    this.#state = 'stopped'
    this.#offState()
    clearTimeout(this.#retry)
    await this.#pull?.drain()
    await this.#inHand
  }

  #isStopped(): boolean {
    return this.#state === 'stopped'
  }

  #reopen(why: string): void {
    if (this.#isStopped() || (this.#state === 'opening' && this.#retry === undefined)) return
    this.#log.info({ why }, 'partition is opened again')
    this.#state = 'opening'
    this.#pull?.stop()
    this.#attempt()
  }

  #attempt(): void {
    clearTimeout(this.#retry)
    this.#retry = undefined
    this.#open().catch((error: unknown) => {
      if (this.#isStopped() || this.#broker.state() === 'closed') return
      const waitMs = this.#backoff.nextMs()
      this.#retries.failed(AppError.from(error), waitMs)
      this.#retry = setTimeout(() => this.#attempt(), waitMs).unref()
    })
  }

  async #open(): Promise<void> {
    const { stream, durable } = this.#options
    this.#consumerMade = await ensureConsumer(this.#broker, this.#options)
    if (this.#isStopped()) return
    this.#state = 'running'
    this.#backoff.reset()
    this.#retries.succeeded()
    // A single server that is killed may forget acks that it had confirmed a moment before; then the message
    // counts as being in hand, and the partition would wait for its time to pass (verified on 2.15.2).
    if (this.#lastSettled !== undefined) this.#broker.publish(this.#lastSettled, '+ACK')
    this.#pull = startPull(internalsOf(this.#broker), {
      stream,
      consumer: durable,
      batch: 1,
      onMessage: message => this.#take(message),
      onBroken: why => this.#reopen(why)
    })
    for (const listener of this.#readyListeners) listener()
    this.#readyListeners.clear()
  }

  #take(message: Msg): void {
    const taken = partitionMessageOf(this.#broker, {
      ...this.#options,
      message,
      consumerMade: this.#consumerMade,
      onSettled: reply => {
        this.#lastSettled = reply
      }
    })
    if (taken === undefined) return
    // Arrived while stopping: somebody else shall have it at once instead of after the wait for an ack.
    if (this.#isStopped()) taken.nak(0)
    else this.#inHand = this.#inHand.then(() => this.#handle(taken))
  }

  async #handle(message: PartitionMessage): Promise<void> {
    try {
      await this.#options.onMessage(message)
    } catch (err) {
      const { seq, subject } = message
      this.#rarely('message failed', times =>
        this.#log.error({ err, seq, subject, times }, 'partition message failed')
      )
      message.nak(FAILED_DELAY_MS)
    }
  }
}

interface TakenMessage extends PartitionOptions {
  readonly message: Msg
  /** When the consumer was made that delivered it. */
  readonly consumerMade: string
  readonly onSettled: (reply: string) => void
}

function partitionMessageOf(broker: Broker, taken: TakenMessage): PartitionMessage | undefined {
  const { message, stream, durable, log, ackWaitMs = ACK_WAIT_MS, onSettled } = taken
  const delivery = emptyDelivery()
  const reply = message.reply ?? ''
  if (!readDelivery(reply, durable, delivery)) return undefined
  const settled = (what: string): Promise<void> =>
    settle(broker, { ...taken, reply, what, withinMs: ackWaitMs })
  return {
    stream,
    seq: delivery.seq,
    timeUs: delivery.timeUs,
    subject: message.subject,
    data: message.data.slice(),
    deliveries: delivery.deliveries,
    headers: () => headersOf(message),
    async ack() {
      await settled('+ACK')
      onSettled(reply)
    },
    nak(delayMs) {
      settled(`-NAK {"delay": ${nanos(Math.round(delayMs))}}`).catch((err: unknown) =>
        log.warn(
          { err, subject: message.subject },
          'message could not be given back: the partition waits for its time'
        )
      )
    },
    working() {
      if (broker.state() === 'connected') broker.publish(reply, '+WPI')
    }
  }
}

// When the consumer was made. The library cannot say "create or update": a consumer of an earlier version
// that differs is updated in a second step.
async function ensureConsumer(broker: Broker, options: PartitionOptions): Promise<string> {
  const { stream, durable, filter, ackWaitMs = ACK_WAIT_MS } = options
  const config = {
    name: durable,
    durable_name: durable,
    filter_subject: filter,
    ack_policy: AckPolicy.Explicit,
    ack_wait: nanos(ackWaitMs),
    max_ack_pending: 1,
    max_deliver: -1,
    deliver_policy: DeliverPolicy.All,
    replay_policy: ReplayPolicy.Instant
  }
  try {
    const info = await askJetStream(broker, (manager, nameOf) =>
      manager.consumers.add(nameOf(stream), config)
    )
    return info.created
  } catch (error) {
    if (!isConsumerExists(error)) throw error
    const info = await askJetStream(broker, (manager, nameOf) =>
      manager.consumers.update(nameOf(stream), durable, config)
    )
    return info.created
  }
}

interface Settling extends Pick<TakenMessage, 'stream' | 'durable' | 'consumerMade'> {
  readonly reply: string
  readonly what: string
  readonly withinMs: number
}

// Says it again until the broker confirms: a word lost in a restart would hold the partition up until the
// message's time is over. A consumer that was deleted never confirms: that ends it at once.
async function settle(broker: Broker, settling: Settling): Promise<void> {
  const { reply, what, withinMs } = settling
  const until = performance.now() + withinMs
  const backoff = createBackoff()
  for (;;) {
    try {
      await broker.request(reply, what, { timeoutMs: Math.min(API_TIMEOUT_MS, withinMs) })
      return
    } catch (error) {
      const waitMs = backoff.nextMs()
      if (broker.state() === 'closed' || performance.now() + waitMs > until) throw error
      await assertSameConsumer(broker, settling)
      await sleep(waitMs)
    }
  }
}

/** Throws BRK_REFUSED where the consumer that delivered the message is gone, or another one has its name. */
async function assertSameConsumer(
  broker: Broker,
  { stream, durable, consumerMade }: Settling
): Promise<void> {
  try {
    const info = await askJetStream(broker, (manager, nameOf) =>
      manager.consumers.info(nameOf(stream), durable)
    )
    if (info.created === consumerMade) return
  } catch (error) {
    if (!isConsumerNotFound(error)) return
  }
  throw new AppError('BRK_REFUSED', {
    detail: `consumer ${durable} was deleted`,
    reason: 'consumer was deleted'
  })
}
