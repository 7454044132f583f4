import type { Broker } from './broker.ts'
import { holdsNothing } from './read-message.ts'
import { streamState } from './stream-info.ts'

// What a follower must have delivered before it is ready: the end of the stream as it was when the consumer
// had been made. up (the past is being delivered) -> passed (it is all there) -> up again by `raise`.

/** The stream whose past is delivered, and whom to tell. */
export interface BarrierOptions {
  readonly stream: string
  /** The past is there up to `seq`, which may stand behind the last message that was delivered. */
  readonly onPassed: (seq: number) => void
  /** It cannot be found out whether the past is there: the consumer has to be replaced. */
  readonly onUnknown: () => void
}

/** The end of a stream's past, for one follower. */
export class Barrier {
  #isUp = true
  #seq = 0
  /** Number of the consumer that is waited for. */
  #placed = 0
  readonly #broker: Broker
  readonly #options: BarrierOptions
  readonly #listeners = new Set<() => void>()

  constructor(broker: Broker, options: BarrierOptions) {
    this.#broker = broker
    this.#options = options
  }

  get isUp(): boolean {
    return this.#isUp
  }

  /** The past has to be delivered anew. */
  raise(): void {
    this.#isUp = true
  }

  /**
   * Reads the stream's end. Called behind the making of a consumer: a subject that was overwritten between a
   * barrier before it and the consumer would have no value yet when the barrier is passed. Throws as
   * `streamState` does.
   */
  async place(): Promise<void> {
    this.#placed++
    this.#seq = (await streamState(this.#broker, this.#options.stream)).lastSeq
  }

  whenPassed(): Promise<void> {
    if (!this.#isUp) return Promise.resolve()
    return new Promise(resolve => this.#listeners.add(resolve))
  }

  /** The consumer has delivered up to `seq`, and has `pending` more. */
  delivered(seq: number, pending: number): void {
    if (seq >= this.#seq) this.#pass(seq)
    else if (pending === 0) this.#passWhereDeleted(seq)
  }

  // Nothing waits and yet the barrier was not reached: either all up to it was deleted, or the consumer's
  // server lags and will deliver it.
  #passWhereDeleted(seq: number): void {
    const placed = this.#placed
    const rest = { subject: '>', fromSeq: seq + 1, toSeq: this.#seq }
    holdsNothing(this.#broker, this.#options.stream, rest).then(
      isDeleted => {
        if (isDeleted && this.#placed === placed && this.#isUp) this.#pass(rest.toSeq)
      },
      () => this.#options.onUnknown()
    )
  }

  #pass(seq: number): void {
    this.#options.onPassed(seq)
    this.#isUp = false
    for (const listener of this.#listeners) listener()
    this.#listeners.clear()
  }
}
