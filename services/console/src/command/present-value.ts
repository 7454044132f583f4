import type { FieldSpec } from '../catalogue.ts'
import { fieldsOf } from '../instance/rows.ts'
import type { TopicModel } from '../instance/topic-store.ts'

/** What a component says now of what a parameter would set. */
export interface PresentValue {
  /** Where it stands: `azimuth.actualPosition`. */
  readonly name: string
  readonly value: unknown
}

/** Fields that tell where an axis of the topic's name stands, the best first. */
const POSITIONS = ['actualPosition', 'position', 'positionActual']

const valueIn = (topics: readonly TopicModel[], name: string): PresentValue | undefined => {
  const topic = topics.find(({ latest }) => Object.hasOwn(latest.peek().fields, name))
  return topic && { name: `${topic.name}.${name}`, value: topic.latest.peek().fields[name] }
}

/** An axis is a topic of the parameter's name that says a position; a position in other units is none. */
function positionOf(topics: readonly TopicModel[], parameter: FieldSpec): PresentValue | undefined {
  const axis = topics.find(({ kind, name }) => kind === 'telemetry' && name === parameter.name)
  const field = axis && fieldsOf(axis, undefined).find(({ name }) => POSITIONS.includes(name))
  return axis && field && valueIn([axis], field.name)
}

/**
 * The present value of what a parameter would set, where the component's own names tell it: a field of the
 * same name, or the position of the axis of that name. Undefined where they do not: nothing is guessed.
 */
export const presentValueOf = (
  topics: readonly TopicModel[],
  parameter: FieldSpec
): PresentValue | undefined => valueIn(topics, parameter.name) ?? positionOf(topics, parameter)
