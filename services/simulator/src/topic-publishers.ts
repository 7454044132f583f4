import type { Component as Definition, Topic } from '@meridian/catalogue'
import type { Outlet, PublishedTopic } from './outlet.ts'
import {
  createEventPublisher,
  createTopicPublisher,
  type EventPublisher,
  type Sender,
  type TopicPublisher
} from './topic-publisher.ts'

/** The instance whose topics are published. */
interface Place {
  readonly csc: string
  readonly index: number
}

/**
 * The publishers of all topics of one instance. Those of events and heartbeat are created once, when first
 * asked for.
 */
export interface TopicPublishers {
  event(topic: string): EventPublisher
  telemetry(topic: string): TopicPublisher
  heartbeat(): TopicPublisher
}

/** The instance, its topics where the catalogue has them, and where messages go. */
export interface TopicPublishersOptions {
  readonly place: Place
  readonly definition: Definition | undefined
  readonly outlet: Outlet
  readonly origin: number
}

/** Creates the publishers of an instance. */
export function createTopicPublishers({
  place,
  definition,
  outlet,
  origin
}: TopicPublishersOptions): TopicPublishers {
  const sender: Sender = { outlet, origin, identity: identityOf(place, definition) }
  const events = new Map<string, EventPublisher>()
  let heartbeat: TopicPublisher | undefined
  const topicOf = (kind: PublishedTopic['kind'], name: string, known: Topic | undefined): PublishedTopic => ({
    ...{ csc: place.csc, index: place.index, kind, name },
    ...{ revCode: known?.revCode ?? '', fields: known?.fields ?? [] }
  })
  return {
    event(topic) {
      const known = events.get(topic)
      if (known !== undefined) return known
      const publisher = createEventPublisher(topicOf('event', topic, definition?.events.get(topic)), sender)
      events.set(topic, publisher)
      return publisher
    },
    telemetry: topic =>
      createTopicPublisher(topicOf('telemetry', topic, definition?.telemetry.get(topic)), sender),
    heartbeat() {
      // SAL's only field of a heartbeat has no meaning and is left out.
      heartbeat ??= createTopicPublisher(
        { ...topicOf('heartbeat', 'heartbeat', definition?.events.get('heartbeat')), fields: [] },
        sender
      )
      return heartbeat
    }
  }
}

/** `MTMount`, or `ESS:301` where indexed. */
const identityOf = ({ csc, index }: Place, definition: Definition | undefined): string =>
  (definition?.indexed ?? index > 0) ? `${csc}:${index}` : csc
