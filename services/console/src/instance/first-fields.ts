import type { SiteComponentAnswer } from '@meridian/protocol/http'
import type { ComponentSpec, FieldSpec } from '../catalogue.ts'
import { isMoment } from '../format/value.ts'
import { type FieldRef, parsePath } from '../plot/plot-series.ts'
import { fieldPathOf, fieldsOf, topicSpecOf } from './rows.ts'
import { isTimestamp } from './timestamp-fields.ts'
import type { TopicModel } from './topic-store.ts'

/** What a site wants seen first of a component: topics, and lines of fields as `topic.path`. */
export type FirstChoice = Pick<SiteComponentAnswer, 'firstTopics' | 'firstFields'>

const isNumber = (value: unknown): boolean => Number.isFinite(value) || typeof value === 'bigint'

/** The value at a path such as `force[3]`. */
function valueAt(fields: Readonly<Record<string, unknown>>, path: string): unknown {
  const { field, at } = parsePath(path)
  const value = fields[field]
  if (at === undefined) return value
  return Array.isArray(value) ? value[at] : undefined
}

function refOf(topic: TopicModel, path: string, component: ComponentSpec | undefined): FieldRef | undefined {
  if (!isNumber(valueAt(topic.latest.peek().fields, path))) return undefined
  const { field } = parsePath(path)
  const spec = topicSpecOf(component, topic)?.fields.find(one => one.name === field)
  return { subject: topic.subject, path, units: spec?.units ?? '' }
}

function namedRef(
  topics: readonly TopicModel[],
  name: string,
  component: ComponentSpec | undefined
): readonly FieldRef[] {
  const dot = name.indexOf('.')
  const topic = topics.find(one => one.name === name.slice(0, dot))
  const ref = topic === undefined ? undefined : refOf(topic, name.slice(dot + 1), component)
  return ref === undefined ? [] : [ref]
}

/** False for what tells when, or is a code for a state. */
function isQuantity(field: FieldSpec, { latest }: TopicModel): boolean {
  if (isTimestamp(field.name) || field.enumeration !== undefined) return false
  const [value] = [latest.peek().fields[field.name]].flat()
  return !isMoment(field.name, Number(value))
}

/** The numbers of a topic that are worth a line, single ones before those of arrays. */
function quantitiesOf(topic: TopicModel, component: ComponentSpec | undefined): readonly FieldRef[] {
  const fields = fieldsOf(topic, topicSpecOf(component, topic)).filter(field => isQuantity(field, topic))
  const paths = [
    ...fields.filter(field => field.count === 1).map(field => field.name),
    ...fields.filter(field => field.count > 1).map(field => fieldPathOf(field.name, 0))
  ]
  return paths.flatMap(path => refOf(topic, path, component) ?? [])
}

const isTelemetry = (topic: TopicModel): boolean => topic.kind === 'telemetry'

/**
 * What the plot of a component begins with, of the topics heard so far: the first line of fields of which
 * anything is heard, whole, or else a number of the first topic that the site names. Empty where it names
 * nothing.
 */
export function firstFieldsOf(
  topics: readonly TopicModel[],
  component: ComponentSpec | undefined,
  { firstTopics = [], firstFields = [] }: FirstChoice
): readonly FieldRef[] {
  const telemetry = topics.filter(isTelemetry)
  for (const names of firstFields) {
    const refs = names.flatMap(name => namedRef(telemetry, name, component))
    if (refs.length > 0) return refs
  }
  return telemetry
    .filter(topic => firstTopics.includes(topic.name))
    .flatMap(topic => quantitiesOf(topic, component))
    .slice(0, 1)
}

/** Finds the first number that is not what it was when it was seen first; asked again and again. */
export type ChangeFinder = (
  topics: readonly TopicModel[],
  component: ComponentSpec | undefined
) => FieldRef | undefined

/** Creates a finder that has seen nothing yet. */
export function createChangeFinder(): ChangeFinder {
  const seen = new Map<string, Readonly<Record<string, unknown>>>()

  function hasChanged({ subject, path }: FieldRef, topic: TopicModel): boolean {
    const before = seen.get(subject)
    return before !== undefined && valueAt(before, path) !== valueAt(topic.latest.peek().fields, path)
  }

  return (topics, component) => {
    for (const topic of topics.filter(isTelemetry)) {
      const changed = seen.has(topic.subject)
        ? quantitiesOf(topic, component).find(ref => hasChanged(ref, topic))
        : undefined
      if (changed !== undefined) return changed
      if (!seen.has(topic.subject)) seen.set(topic.subject, topic.latest.peek().fields)
    }
    return undefined
  }
}
