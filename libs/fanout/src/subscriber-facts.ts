import type { Encoding } from '@meridian/protocol/live'
import type { Degradation } from './ladder.ts'
import type { Subscriptions } from './membership.ts'
import { askedFor } from './subscribed-pattern.ts'

/** A pattern as a connection has subscribed to it; a rate is per second, and without `fields` it gets all. */
export type PatternFacts = ReturnType<typeof askedFor> & {
  /** Number that the client gave the subscription. */
  readonly subscription: number
}

/** One connection of a hub at one moment, for operators who ask who watches what. */
export interface SubscriberFacts {
  readonly principal: string
  readonly address: string
  readonly protocol: Encoding
  /** When it was opened, ISO 8601 in UTC. */
  readonly since: string
  /** Step of the ladder of slow clients. */
  readonly step: Degradation
  readonly waitingBytes: number
  /** Messages of the protocol, data records in them, and bytes before compression. */
  readonly sent: { readonly frames: number; readonly records: number; readonly bytes: number }
  /** Topics that its patterns match. */
  readonly topics: number
  /** The first 20 of its patterns. */
  readonly patterns: readonly PatternFacts[]
  /** Patterns that are not listed. */
  readonly morePatterns: number
}

/** A part of the list of connections, and how many there are in all. */
export interface SubscriberPage {
  /** Connections in all. */
  readonly total: number
  readonly clients: readonly SubscriberFacts[]
}

/** So many patterns of a connection are listed: a page of a hundred connections stays below a megabyte. */
const LISTED_PATTERNS = 20

/** The patterns of a connection, in the order of its subscriptions, and how many are left out. */
export function listPatterns(
  subscriptions: Subscriptions
): Pick<SubscriberFacts, 'patterns' | 'morePatterns'> {
  const patterns: PatternFacts[] = []
  let all = 0
  for (const [subscription, list] of subscriptions) {
    all += list.length
    for (const pattern of list.slice(0, LISTED_PATTERNS - patterns.length))
      patterns.push({ subscription, ...askedFor(pattern) })
  }
  return { patterns, morePatterns: all - patterns.length }
}

/** The connections from `offset` on, the oldest first, at most `limit`. */
export function pageOf(
  subscribers: ReadonlySet<{ facts(): SubscriberFacts }>,
  offset: number,
  limit: number
): SubscriberPage {
  const page = [...subscribers].slice(offset, offset + limit)
  return { total: subscribers.size, clients: page.map(one => one.facts()) }
}
