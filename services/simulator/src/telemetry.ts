import type { Component as Definition } from '@meridian/catalogue'
import { createGenericFill } from './generic-fill.ts'
import type { Line, Values } from './line.ts'
import type { Lines } from './lines.ts'
import type { Fill, Model } from './model.ts'
import type { Moment } from './moment.ts'
import type { Wheel } from './wheel.ts'

/** The telemetry of one component. */
export interface Telemetry {
  /** Puts each topic on the wheel at its rate; `open` says whether the component speaks. */
  join(wheel: Wheel, open: (at: Moment) => boolean): void
}

export interface TelemetryOptions {
  readonly lines: Lines
  readonly definition: Definition
  readonly model: Model
  readonly seed: number
  readonly rates: ReadonlyMap<string, number>
}

/** Makes the telemetry of a component: the model's values where it has some, generic ones for the other fields. */
export function createTelemetry({ lines, definition, model, seed, rates }: TelemetryOptions): Telemetry {
  return {
    join(wheel, open) {
      for (const [name, rate] of rates) {
        const topic = definition.telemetry.get(name)
        if (topic === undefined || rate <= 0) continue
        const line = lines.telemetry(name)
        const own = model.telemetry?.[name]
        const generic = createGenericFill(topic, definition, seed, namesOf(own))
        wheel.add(rate, createJob({ line, own, generic, model, open }))
      }
    }
  }
}

interface JobParts {
  readonly line: Line
  readonly own: Fill | undefined
  readonly generic: Fill
  readonly model: Model
  readonly open: (at: Moment) => boolean
}

function createJob({ line, own, generic, model, open }: JobParts): (at: Moment) => void {
  const { values } = line
  return at => {
    if (!open(at)) return
    model.advance?.(at)
    generic(values, at)
    own?.(values, at)
    line.send(at)
  }
}

/** The fields that a model writes, found by having it write them once. */
function namesOf(fill: Fill | undefined): ReadonlySet<string> {
  const values: Values = {}
  fill?.(values, { tick: 0, seconds: 0, tai: 0 })
  return new Set(Object.keys(values))
}
