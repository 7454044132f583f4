import type { Component as Definition } from '@meridian/catalogue'
import { createGenericFill } from './generic-fill.ts'
import type { Fill, Model } from './model.ts'
import type { Tick } from './tick.ts'
import type { TimingWheel } from './timing-wheel.ts'
import type { TopicPublisher, Values } from './topic-publisher.ts'
import type { TopicPublishers } from './topic-publishers.ts'

/** Publishes the telemetry of one component. */
export interface Telemetry {
  /** Schedules each topic on the timing wheel at its rate; nothing is published while `open` is false. */
  join(wheel: TimingWheel, open: (at: Tick) => boolean): void
}

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
export function createTelemetry({ publishers, definition, model, seed, rates }: TelemetryOptions): Telemetry {
  return {
    join(wheel, open) {
      for (const [name, rate] of rates) {
        const topic = definition.telemetry.get(name)
        if (topic === undefined || rate <= 0) continue
        const publisher = publishers.telemetry(name)
        const own = model.telemetry?.[name]
        const generic = createGenericFill(topic, definition, seed, namesOf(own))
        wheel.add(rate, createJob({ publisher, own, generic, model, open }))
      }
    }
  }
}

interface JobParts {
  readonly publisher: TopicPublisher
  readonly own: Fill | undefined
  readonly generic: Fill
  readonly model: Model
  readonly open: (at: Tick) => boolean
}

function createJob({ publisher, own, generic, model, open }: JobParts): (at: Tick) => void {
  const { values } = publisher
  return at => {
    if (!open(at)) return
    model.advance?.(at)
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
