import type { FieldSpec } from '@meridian/msgpack'
import type { Outlet, PublishedTopic, Send, Values } from './outlet.ts'
import type { Tick } from './tick.ts'

/** What each message says about its sender, and how it is sent. */
export interface Sender {
  readonly outlet: Outlet
  /** Random positive 31-bit number of this writer, new at each start [docs/sal.md#commands]. */
  readonly origin: number
  /** Identity in the samples: `CSC` or `CSC:index`. */
  readonly identity: string
}

/** Publishes one topic of one instance. */
export interface TopicPublisher {
  readonly values: Values
  send(at: Tick): void
}

/** Publishes an event, which is sent only when a field changed [docs/sal.md#publishing]. */
export interface EventPublisher extends TopicPublisher {
  /**
   * Takes values over and publishes when one differs or nothing was published before. True when published.
   */
  put(changes: Readonly<Values>, at: Tick): boolean
  /** Takes values over and publishes in any case. */
  force(changes: Readonly<Values>, at: Tick): void
}

/** Creates the publisher of a topic. Values begin as SAL's defaults: 0, false, "". */
export function createTopicPublisher(topic: PublishedTopic, sender: Sender): TopicPublisher {
  // Made for the first message: many topics of an observatory are silent for hours.
  let say: Send | undefined
  const values = defaultsOf(topic.fields)
  values['private_sndStamp'] = 0
  values['private_seqNum'] = 0
  values['private_origin'] = sender.origin
  values['private_identity'] = sender.identity
  values['private_revCode'] = topic.revCode
  let seqNum = 0
  let last = 0
  return {
    values,
    send(at) {
      // Two messages of one tick still get increasing stamps.
      last = at.tai > last ? at.tai : last + 1e-6
      seqNum = (seqNum % 0x7fffffff) + 1
      values['private_sndStamp'] = last
      values['private_seqNum'] = seqNum
      say ??= sender.outlet(topic)
      say(values)
    }
  }
}

/** Creates the publisher of an event; nothing is published until `put` or `force`. */
export function createEventPublisher(topic: PublishedTopic, sender: Sender): EventPublisher {
  const publisher = createTopicPublisher(topic, sender)
  let sent = false
  const force = (changes: Readonly<Values>, at: Tick): void => {
    take(publisher.values, changes)
    sent = true
    publisher.send(at)
  }
  return {
    values: publisher.values,
    send: publisher.send,
    force,
    put(changes, at) {
      if (sent && !differs(publisher.values, changes)) return false
      force(changes, at)
      return true
    }
  }
}

const defaultsOf = (fields: readonly FieldSpec[]): Values =>
  Object.fromEntries(fields.map(field => [field.name, defaultOf(field)]))

function defaultOf({ type, count }: FieldSpec): unknown {
  const one = scalarDefault(type)
  return count > 1 ? new Array(count).fill(one) : one
}

function scalarDefault(type: FieldSpec['type']): number | string | boolean {
  if (type === 'boolean') return false
  return type === 'string' ? '' : 0
}

function take(values: Values, changes: Readonly<Values>): void {
  for (const name in changes) {
    const value = changes[name]
    values[name] = Array.isArray(value) ? [...value] : value
  }
}

function differs(values: Values, changes: Readonly<Values>): boolean {
  for (const name in changes) if (!same(values[name], changes[name])) return true
  return false
}

function same(a: unknown, b: unknown): boolean {
  if (!Array.isArray(a) || !Array.isArray(b)) return Object.is(a, b)
  return a.length === b.length && a.every((value, i) => Object.is(value, b[i]))
}
