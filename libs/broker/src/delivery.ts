/** What a delivered message says of itself in its reply subject. */
export interface Delivery {
  /** Number of this delivery; 1 at the first. */
  deliveries: number
  /** Sequence of the message in its stream, from 1. */
  seq: number
  /** Sequence of the consumer: without a hole unless something was lost. */
  consumerSeq: number
  /** UTC microseconds at which the stream stored it. */
  timeUs: number
  /** Messages that the consumer has still to deliver after this one. */
  pending: number
}

const DOT = 0x2e
const ZERO = 0x30

/** A delivery to be filled by readDelivery. */
export const emptyDelivery = (): Delivery => ({
  deliveries: 0,
  seq: 0,
  consumerSeq: 0,
  timeUs: 0,
  pending: 0
})

/**
 * Reads `….<consumer>.<deliveries>.<seq>.<consumerSeq>.<ns>.<pending>` into `into`, by the consumer's name
 * and not by the count of tokens, since servers write one of two forms [docs/nats.md#versions]. False when
 * the message is not this consumer's.
 */
export function readDelivery(reply: string, consumer: string, into: Delivery): boolean {
  const found = reply.indexOf(`.${consumer}.`)
  if (found < 0) return false
  let at = found + consumer.length + 2
  const number = (): number => {
    let value = 0
    for (; at < reply.length; at++) {
      const code = reply.charCodeAt(at)
      if (code === DOT) break
      value = value * 10 + code - ZERO
    }
    at++
    return value
  }
  into.deliveries = number()
  into.seq = number()
  into.consumerSeq = number()
  // Nanoseconds do not fit a number; the last three digits stay away.
  const end = reply.indexOf('.', at)
  into.timeUs = Number(reply.slice(at, end - 3))
  at = end + 1
  into.pending = number()
  return true
}
