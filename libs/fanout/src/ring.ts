import type { Message } from './message.ts'

/**
 * How much a ring holds: whichever bound is reached first drops the oldest message. Twice as much while it is
 * held.
 */
export interface RingLimits {
  readonly ms: number
  readonly bytes: number
}

/** A message's place in its stream. */
export interface Anchor {
  readonly seq: number
  /** UTC microseconds of storage; 0: not known. */
  readonly timeUs: number
}

/** The recent messages of one stream: all that its follower got. */
export class Ring<M extends Message> {
  bytes = 0
  /** The message just before the first one held, where it is known. */
  #anchor: Anchor | undefined
  /** The number from which on nothing is missing. */
  #from: number | undefined
  readonly #limits: RingLimits
  readonly #dropped: (message: M) => void
  #messages: M[] = []
  #first = 0
  #holds = 0

  constructor(limits: RingLimits, dropped: (message: M) => void) {
    this.#limits = limits
    this.#dropped = dropped
  }

  get length(): number {
    return this.#messages.length - this.#first
  }

  /** From this number on it holds all; undefined before the first message or `begin`. */
  get from(): number | undefined {
    return this.#from
  }

  /** Forgets everything; what is pushed from now on follows `anchor`. */
  begin(anchor: Anchor | undefined): void {
    const old = this.#messages.slice(this.#first)
    this.#messages = []
    this.#first = 0
    this.bytes = 0
    this.#anchor = anchor
    this.#from = anchor === undefined ? undefined : anchor.seq + 1
    for (const message of old) this.#dropped(message)
  }

  /** Whether every message after `seq` is held. */
  covers(seq: number): boolean {
    return this.#from !== undefined && seq >= this.#from - 1
  }

  push(message: M): void {
    this.#from ??= message.seq
    this.#messages.push(message)
    this.bytes += message.content.data.length
    const times = this.#holds > 0 ? 2 : 1
    const mostBytes = this.#limits.bytes * times
    const oldest = message.timeUs - this.#limits.ms * 1000 * times
    while (this.length > 1 && (this.bytes > mostBytes || this.#head().timeUs < oldest)) this.#shift()
  }

  /** The messages after `seq`, oldest first, at most so many of them. Complete where `covers(seq)`. */
  after(seq: number, most = Number.POSITIVE_INFINITY): readonly M[] {
    const from = this.#indexAfter(seq)
    return this.#messages.slice(from, from + most)
  }

  /**
   * Until the function that it gives is called it drops nothing within twice its limits: for whoever needs what
   * it holds over several turns of the event loop.
   */
  hold(): () => void {
    this.#holds++
    return () => void this.#holds--
  }

  /** Where `seq` was stored, if the ring can tell. */
  anchorAt(seq: number): Anchor | undefined {
    if (this.#anchor?.seq === seq) return this.#anchor
    const message = this.#messages[this.#indexAfter(seq) - 1]
    return message?.seq === seq ? message : undefined
  }

  #head(): M {
    return this.#messages[this.#first] as M
  }

  #shift(): void {
    const message = this.#head()
    this.#messages[this.#first] = undefined as unknown as M
    this.#first++
    this.bytes -= message.content.data.length
    this.#anchor = { seq: message.seq, timeUs: message.timeUs }
    this.#from = message.seq + 1
    if (this.#first > 1024 && this.#first * 2 > this.#messages.length) {
      this.#messages = this.#messages.slice(this.#first)
      this.#first = 0
    }
    this.#dropped(message)
  }

  /** Index of the first message with a higher number: binary search, as numbers rise. */
  #indexAfter(seq: number): number {
    let low = this.#first
    let high = this.#messages.length
    while (low < high) {
      const middle = (low + high) >> 1
      if ((this.#messages[middle] as M).seq > seq) high = middle
      else low = middle + 1
    }
    return low
  }
}
