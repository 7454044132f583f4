import type { SiteComponentAnswer } from '@meridian/protocol/http'
import type { ComponentSpec, FieldSpec } from '../catalogue.ts'
import { isMoment } from '../format/value.ts'
import { type FieldRef, fieldValueOf } from '../plot/field-ref.ts'
import { elementCountOf, fieldsOf, topicSpecOf } from './rows.ts'
import { isTimestamp } from './timestamp-fields.ts'
import type { TopicModel } from './topic-store.ts'

/** What a site wants seen first of a component: topics, and lines of fields as `topic.path`. */
export type FirstChoice = Pick<SiteComponentAnswer, 'firstTopics' | 'firstFields'>

const isNumber = (value: unknown): boolean => Number.isFinite(value) || typeof value === 'bigint'

/** The place of a number in a topic: a field, and which of its elements. */
type Place = Pick<FieldRef, 'field' | 'index'>

/**
 * What the text of a site file names: a field of the topic whose name is just so, else `force[3]`, an element
 * of a field.
 */
function placeOf(text: string, fields: Readonly<Record<string, unknown>>): Place {
  const [, field, index] = /^(.*)\[(\d+)\]$/.exec(text) ?? []
  if (field === undefined || Object.hasOwn(fields, text)) return { field: text }
  return { field, index: Number(index) }
}

function refOf(topic: TopicModel, place: Place, component: ComponentSpec | undefined): FieldRef | undefined {
  if (!isNumber(fieldValueOf(topic.latest.peek().fields, place))) return undefined
  const spec = topicSpecOf(component, topic)?.fields.find(one => one.name === place.field)
  return { subject: topic.subject, ...place, units: spec?.units ?? '' }
}

function namedRef(
  topics: readonly TopicModel[],
  name: string,
  component: ComponentSpec | undefined
): FieldRef | readonly [] {
  const dot = name.indexOf('.')
  const topic = topics.find(one => one.name === name.slice(0, dot))
  if (topic === undefined) return []
  const place = placeOf(name.slice(dot + 1), topic.latest.peek().fields)
  return refOf(topic, place, component) ?? []
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
  const isArray = (field: FieldSpec): boolean => elementCountOf(topic, field) !== undefined
  const places: readonly Place[] = [
    ...fields.filter(field => !isArray(field)).map(field => ({ field: field.name })),
    ...fields.filter(isArray).map(field => ({ field: field.name, index: 0 }))
  ]
  return places.flatMap(place => refOf(topic, place, component) ?? [])
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

  function hasChanged(ref: FieldRef, topic: TopicModel): boolean {
    const before = seen.get(ref.subject)
    return before !== undefined && fieldValueOf(before, ref) !== fieldValueOf(topic.latest.peek().fields, ref)
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
