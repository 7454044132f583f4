import type { ComponentSpec, FieldSpec } from '../catalogue.ts'
import { fieldsOf, topicSpecOf } from '../instance/rows.ts'
import type { TopicModel } from '../instance/topic-store.ts'

/** What a component says now of what a parameter would set. */
export interface PresentValue {
  /** Where it stands: `azimuth.actualPosition`. */
  readonly name: string
  readonly value: unknown
}

/** Where present values are looked for, and when: `nowMs` on the clock of the topics' `heardMs`. */
export interface PresentValueParts {
  readonly topics: readonly TopicModel[]
  readonly component: ComponentSpec | undefined
  readonly nowMs: number
}

/** Fields that tell where an axis of the topic's name stands, the best first. */
const POSITIONS = ['actualPosition', 'position', 'positionActual']
/** What was said longer ago than this is not how it is now, ms. */
const MOST_AGE_MS = 5_000

/** What a component measures now. Events tell what was asked for, or once was, however long ago. */
const isMeasuredNow = ({ kind, heardMs }: TopicModel, nowMs: number): boolean =>
  kind === 'telemetry' && nowMs - heardMs.peek() <= MOST_AGE_MS

/**
 * The present value of what a parameter would set, where the component's own names and units tell it: the
 * position of the axis of that name, else the one field of that name that it measures. Undefined where they do
 * not: nothing is guessed.
 */
export function presentValueOf(
  { topics, component, nowMs }: PresentValueParts,
  { name, units }: FieldSpec
): PresentValue | undefined {
  const measured = topics.filter(topic => isMeasuredNow(topic, nowMs))
  const found = (topic: TopicModel, names: readonly string[]): readonly PresentValue[] =>
    fieldsOf(topic, topicSpecOf(component, topic))
      .filter(field => names.includes(field.name) && field.units === units)
      .flatMap(field => {
        const value = topic.latest.peek().fields[field.name]
        return value === undefined ? [] : { name: `${topic.name}.${field.name}`, value }
      })
  const axis = measured.find(topic => topic.name === name)
  const [position] = axis === undefined ? [] : found(axis, POSITIONS)
  const [same, another] = measured.flatMap(topic => found(topic, [name]))
  return position ?? (another === undefined ? same : undefined)
}
