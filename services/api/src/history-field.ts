import type { StreamMessage } from '@meridian/broker'
import type { Catalogue, Component, Field, Topic } from '@meridian/catalogue'
import { AppError, didYouMean } from '@meridian/errors'
import { decodeFields } from '@meridian/msgpack'
import { decodeSample } from '@meridian/sample'
import { unknownComponent } from './catalogue-routes.ts'
import type { HistoryQuery, SampledSubject } from './history-query.ts'

/** What the catalogue says of the field that a history is asked for. */
export interface HistoryField {
  /** Undefined where it knows no such topic. */
  readonly topic: Topic | undefined
  /** Undefined where the topic has no such field. */
  readonly field: Field | undefined
}

/**
 * Looks a field up, before anything is read. Throws API_NOT_NUMERIC or API_UNKNOWN_FIELD where the catalogue
 * knows the field and it has no such number.
 */
export function findField(catalogue: Catalogue, query: HistoryQuery): HistoryField {
  const { subject, name } = query
  const topic = componentsUnder(catalogue, subject)
    .map(component => topicsOf(component, subject).get(subject.topic))
    .find(Boolean)
  const field = topic?.fields.find(one => one.name === name)
  if (field !== undefined) assertKnown(field, query)
  return { topic, field }
}

/**
 * Refuses names that neither the catalogue nor the last sample of the topic has, before its samples are read.
 * Throws API_UNKNOWN_FIELD, and where nothing is held of the topic API_UNKNOWN_TOPIC or API_UNKNOWN_COMPONENT
 * for names that seem to be misspelt. What no catalogue knows may be a device of the site's own, or come from
 * a newer version of a component.
 */
export function assertHeld(
  catalogue: Catalogue,
  { subject, name }: HistoryQuery,
  {
    field: { topic, field },
    last
  }: { readonly field: HistoryField; readonly last: StreamMessage | undefined }
): void {
  if (topic === undefined && last === undefined)
    refuseMisspelt(catalogue, subject, componentsUnder(catalogue, subject))
  if (topic === undefined || field !== undefined) return
  const sent = last === undefined ? {} : fieldsOf(last)
  if (sent !== undefined && !Object.hasOwn(sent, name))
    throw unknownField(name, [...new Set([...namesOf(topic), ...Object.keys(sent)])])
}

const componentsUnder = (catalogue: Catalogue, subject: SampledSubject): readonly Component[] =>
  componentsOf(subject).flatMap(csc => catalogue.component(csc) ?? [])

/**
 * Throws API_UNKNOWN_FIELD or API_NOT_NUMERIC where the last sample shows why a history has no value; a field
 * that it lacks may be in earlier ones, so this is asked only when none was found.
 */
export function assertSampled({ name, index }: HistoryQuery, last: StreamMessage): void {
  const fields = fieldsOf(last)
  if (fields === undefined) return
  if (!Object.hasOwn(fields, name)) throw unknownField(name, Object.keys(fields))
  const given = fields[name]
  const isList = Array.isArray(given)
  if (index !== undefined && !isList) throw noElement(name, 'it is no array')
  if (isList && index === undefined)
    throw notNumeric(name, `it is an array of ${given.length}: name an index`)
  const value = isList && index !== undefined ? given[index] : given
  if (value !== undefined && !['number', 'bigint', 'boolean'].includes(typeof value))
    throw notNumeric(name, value === null ? 'it is null' : `it is of kind ${typeof value}`)
}

/**
 * Components that may have sent the message: under a script's index stand its own events and its queue's
 * events about it.
 */
const componentsOf = (subject: SampledSubject): readonly string[] =>
  subject.class === 'script' ? ['Script', 'ScriptQueue'] : [subject.csc]

const topicsOf = (component: Component, subject: SampledSubject): ReadonlyMap<string, Topic> =>
  subject.class === 'tel' ? component.telemetry : component.events

const namesOf = (topic: Topic): readonly string[] => topic.fields.map(({ name }) => name)

function refuseMisspelt(
  catalogue: Catalogue,
  subject: SampledSubject,
  components: readonly Component[]
): void {
  if (components.length > 0) {
    const topics = components.flatMap(component => [...topicsOf(component, subject).keys()])
    const detail = `'${subject.topic}'${didYouMean(subject.topic, topics)}`
    throw new AppError('API_UNKNOWN_TOPIC', { detail, topics })
  }
  const csc = 'csc' in subject ? subject.csc : ''
  if (didYouMean(csc, catalogue.components) !== '') throw unknownComponent(csc, catalogue)
}

function assertKnown({ name, type, count }: Field, { index }: HistoryQuery): void {
  if (type === 'string') throw notNumeric(name, 'it is text')
  if (count > 1 && index === undefined) throw notNumeric(name, `it is an array of ${count}: name an index`)
  if (index !== undefined && index >= count)
    throw noElement(name, count > 1 ? `elements are 0 to ${count - 1}` : 'it is no array')
  if (index !== undefined && count === 1) throw noElement(name, 'it is no array')
}

function fieldsOf({ data }: StreamMessage): Readonly<Record<string, unknown>> | undefined {
  try {
    return decodeFields(decodeSample(data).fields)
  } catch (caught) {
    if (caught instanceof AppError) return undefined
    throw caught
  }
}

const unknownField = (name: string, fields: readonly string[]): AppError =>
  new AppError('API_UNKNOWN_FIELD', {
    detail: `'${name}'${didYouMean(name, fields)}`,
    fields: fields.slice(0, 200)
  })

const noElement = (name: string, why: string): AppError =>
  new AppError('API_UNKNOWN_FIELD', { detail: `an element of '${name}': ${why}` })

const notNumeric = (field: string, why: string): AppError =>
  new AppError('API_NOT_NUMERIC', { detail: `'${field}': ${why}`, field })
