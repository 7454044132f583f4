import type { Component as Definition, Topic } from '@meridian/catalogue'
import { rawEventOf, rawHeartbeatOf, rawTelemetryOf } from '@meridian/subjects'
import {
  createEventPublisher,
  createTopicPublisher,
  type EventPublisher,
  type Publish,
  type Sender,
  type TopicPublisher
} from './topic-publisher.ts'

/** The instance whose topics are published. */
interface Place {
  readonly site: string
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
  readonly publish: Publish
  readonly origin: number
}

/** Creates the publishers of an instance. */
export function createTopicPublishers({
  place,
  definition,
  publish,
  origin
}: TopicPublishersOptions): TopicPublishers {
  const sender: Sender = { publish, origin, identity: identityOf(place) }
  const events = new Map<string, EventPublisher>()
  let heartbeat: TopicPublisher | undefined
  const shape = (topic: Topic | undefined): { revCode: string; fields: Topic['fields'] } => ({
    revCode: topic?.revCode ?? '',
    fields: topic?.fields ?? []
  })
  return {
    event(topic) {
      const known = events.get(topic)
      if (known !== undefined) return known
      const subject = rawEventOf({ ...place, topic })
      const publisher = createEventPublisher({ subject, ...shape(definition?.events.get(topic)) }, sender)
      events.set(topic, publisher)
      return publisher
    },
    telemetry: topic =>
      createTopicPublisher(
        { subject: rawTelemetryOf({ ...place, topic }), ...shape(definition?.telemetry.get(topic)) },
        sender
      ),
    heartbeat() {
      // SAL's only field of a heartbeat has no meaning and is left out.
      const revCode = definition?.events.get('heartbeat')?.revCode ?? ''
      heartbeat ??= createTopicPublisher({ subject: rawHeartbeatOf(place), revCode: '', fields: [] }, sender)
      heartbeat.values['private_revCode'] = revCode
      return heartbeat
    }
  }
}

/** `MTMount`, or `ESS:301` where indexed. */
const identityOf = ({ csc, index }: Pick<Place, 'csc' | 'index'>): string =>
  index === 0 ? csc : `${csc}:${index}`
