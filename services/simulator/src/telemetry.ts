import type { Component as Definition, Topic } from '@meridian/catalogue'
import { createGenericFill } from './generic-fill.ts'
import type { Fill, Model } from './model.ts'
import type { Values } from './outlet.ts'
import type { Tick } from './tick.ts'
import type { TimingWheel } from './timing-wheel.ts'
import type { TopicPublishers } from './topic-publishers.ts'

/** Publishes the telemetry of one component. */
export interface Telemetry {
  /** Schedules each topic on the timing wheel at its rate; nothing is published while `open` is false. */
  join(wheel: TimingWheel, open: (at: Tick) => boolean): void
}

/** `rates`: messages per second by topic; a topic without one is not sent. */
export interface TelemetryOptions {
  readonly publishers: TopicPublishers
  readonly definition: Definition
  readonly model: Model
  readonly seed: number
  readonly rates: ReadonlyMap<string, number>
}

/**
 * Creates the telemetry of a component: values of the model where it has some, generic ones for all other
 * fields.
 */
export function createTelemetry(options: TelemetryOptions): Telemetry {
  const { definition, model, rates } = options
  return {
    join(wheel, open) {
      for (const [name, rate] of rates) {
        const topic = definition.telemetry.get(name)
        if (topic === undefined || rate <= 0) continue
        let send: Send | undefined
        wheel.add(rate, at => {
          if (!open(at)) return
          model.advance?.(at)
          // Made for the first message, so that an observatory of hundreds of components starts at once.
          send ??= createSend(topic, options)
          send(at)
        })
      }
    }
  }
}

type Send = (at: Tick) => void

/** Creates what writes the fields of a topic and publishes them. */
function createSend(topic: Topic, { publishers, definition, model, seed }: TelemetryOptions): Send {
  const publisher = publishers.telemetry(topic.name)
  const own = model.telemetry?.[topic.name]
  const generic = createGenericFill(topic, definition, seed, namesOf(own))
  const { values } = publisher
  return at => {
    generic(values, at)
    own?.(values, at)
    publisher.send(at)
  }
}

/** Names of the fields that a model writes, found by calling it once. */
function namesOf(fill: Fill | undefined): ReadonlySet<string> {
  const values: Values = {}
  fill?.(values, { tick: 0, seconds: 0, tai: 0 })
  return new Set(Object.keys(values))
}
