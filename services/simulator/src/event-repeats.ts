import type { Tick } from './tick.ts'
import type { TopicPublishers } from './topic-publishers.ts'

/** Whose events are said again, and which. */
export interface EventRepeatsOptions {
  readonly publishers: TopicPublishers
  /** Those that tell a state. One of an occurrence would tell of a second one. */
  readonly topics: readonly string[]
  /** When its process was up. */
  readonly since: Tick
}

/** Says the next event of a round that is due. To be called several times a second. */
export type EventRepeats = (at: Tick) => void

/** Seconds until the first round; each is as late again as the one before. */
const FIRST_SECONDS = 10

/**
 * Makes the repeats of a component: the current values of its events, 10, 20, 40 seconds and so on after its
 * process was up, one event a call. Kafka keeps SAL's events for who reads later; a message of NATS that
 * nobody listens to is gone, and a component does not hear who listens. So a producer that begins to listen
 * after t seconds has heard the state by 2t, and a day costs thirteen rounds of stored events, where one each
 * minute would cost 1,440.
 */
export function createEventRepeats({ publishers, topics, since }: EventRepeatsOptions): EventRepeats {
  let dueSeconds = FIRST_SECONDS
  let next = topics.length
  return at => {
    const seconds = at.seconds - since.seconds
    if (next === topics.length && seconds >= dueSeconds) {
      next = 0
      while (dueSeconds <= seconds) dueSeconds *= 2
    }
    const topic = topics[next]
    if (topic === undefined) return
    next++
    publishers.event(topic).repeat(at)
  }
}
