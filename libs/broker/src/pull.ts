import { type Msg, type NatsConnection, nanos, type Subscription } from '@nats-io/nats-core'
import { createInbox, type Internals } from './internals.ts'
import { nextSubjectOf } from './stream-rights.ts'
import { PULL_CHECK_MS, PULL_EXPIRES_MS, PULL_HEARTBEAT_MS, PULL_SILENCE_MS } from './timing.ts'

/** Whom to tell: one call for each message, and one when there will be no more. */
interface PullHandlers {
  /** Synchronous; called for every message, in order. */
  readonly onMessage: (message: Msg) => void
  /** The consumer is gone, silent or cannot be reached; called once, nothing follows. */
  readonly onBroken: (why: string) => void
  /** Called at each heartbeat: for half a second the consumer has had no message to deliver. */
  readonly onIdle?: () => void
}

/** What to pull and how much of it at a time. */
export interface PullOptions extends PullHandlers {
  readonly stream: string
  readonly consumer: string
  /** Messages on their way at most. */
  readonly batch: number
  /**
   * How many more will be taken, those on their way among them: more is never asked for. Default: no bound.
   */
  readonly wanted?: () => number
}

/** Requests to one consumer, repeated until `stop`, `drain` or `onBroken`. */
export interface Pull {
  stop(): void
  /** Asks for nothing more; what is on its way is still handed over. */
  drain(): Promise<void>
}

const TIMED_OUT = 408
const HEARTBEAT = 100
const NO_RESPONDERS = 503

/**
 * Keeps asking a consumer for messages. The server sends a heartbeat every half second while it has none, so
 * silence of three means that the consumer's server is gone [docs/nats.md#following].
 */
export const startPull = (internals: Internals, options: PullOptions): Pull =>
  new PullLoop(internals, options)

class PullLoop implements Pull {
  readonly #nc: NatsConnection
  readonly #options: PullOptions
  readonly #inbox: string
  readonly #next: string
  readonly #refillAt: number
  readonly #subscription: Subscription
  readonly #timer: NodeJS.Timeout
  #state: 'running' | 'draining' | 'over' = 'running'
  #outstanding = 0
  #heardMs = performance.now()
  #checkedMs = performance.now()

  constructor(internals: Internals, options: PullOptions) {
    this.#nc = internals.nc
    this.#options = options
    this.#inbox = createInbox(internals)
    this.#next = nextSubjectOf(internals.streamName(options.stream), options.consumer)
    this.#refillAt = Math.floor(options.batch * 0.75)
    this.#subscription = this.#nc.subscribe(this.#inbox, {
      callback: (error, message) => this.#hear(error, message)
    })
    this.#timer = setInterval(() => this.#check(), PULL_CHECK_MS).unref()
    this.#ask()
  }

  stop(): void {
    if (this.#state === 'over') return
    this.#state = 'over'
    clearInterval(this.#timer)
    if (!this.#nc.isClosed()) this.#subscription.unsubscribe()
  }

  async drain(): Promise<void> {
    if (this.#state !== 'running') return
    this.#state = 'draining'
    clearInterval(this.#timer)
    await this.#subscription.drain()
    this.#state = 'over'
  }

  #hear(error: Error | null, message: Msg): void {
    if (this.#state === 'over') return
    this.#heardMs = performance.now()
    if (error !== null) this.#broken(error.message)
    else if (message.subject === this.#inbox) this.#hearStatus(message)
    else {
      this.#outstanding--
      this.#options.onMessage(message)
      if (this.#outstanding <= this.#refillAt) this.#ask()
    }
  }

  // A request that ended, by its time or by its size, says how many messages it did not use; everything else
  // means that the consumer is gone.
  #hearStatus({ headers }: Msg): void {
    const { code = 0, description = '' } = headers ?? {}
    if (code === HEARTBEAT) this.#options.onIdle?.()
    else if (code === TIMED_OUT || description.startsWith('Batch Completed')) {
      this.#outstanding -= Number(headers?.get('Nats-Pending-Messages') || 0)
      if (this.#outstanding <= this.#refillAt) this.#ask()
    } else this.#broken(code === NO_RESPONDERS ? 'no such consumer' : `${code} ${description}`)
  }

  #ask(): void {
    if (this.#state !== 'running' || this.#nc.isDraining() || this.#nc.isClosed()) return
    const { batch, wanted } = this.#options
    const target = wanted === undefined ? batch : Math.min(batch, wanted())
    if (target <= this.#outstanding) return
    const request = {
      batch: target - this.#outstanding,
      expires: nanos(PULL_EXPIRES_MS),
      idle_heartbeat: nanos(PULL_HEARTBEAT_MS)
    }
    this.#outstanding = target
    this.#nc.publish(this.#next, JSON.stringify(request), { reply: this.#inbox })
  }

  #check(): void {
    const nowMs = performance.now()
    // A loop that was blocked here has not yet read what the server sent meanwhile.
    if (nowMs - this.#checkedMs > 2 * PULL_CHECK_MS) this.#heardMs = nowMs
    this.#checkedMs = nowMs
    if (nowMs - this.#heardMs > PULL_SILENCE_MS) this.#broken('silence')
  }

  #broken(why: string): void {
    if (this.#state !== 'running') return
    this.stop()
    this.#options.onBroken(why)
  }
}
