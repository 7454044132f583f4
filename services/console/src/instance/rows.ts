import type { ComponentSpec, FieldSpec, TopicSpec } from '../catalogue.ts'
import { isTimestamp, seeksTimestamps } from './timestamp-fields.ts'
import type { TopicModel } from './topic-store.ts'

/** One line of the table of values. All lines are equally high, so that long tables can be drawn in part. */
export type Row =
  | {
      readonly kind: 'topic'
      readonly id: string
      readonly topic: TopicModel
      readonly spec: TopicSpec | undefined
      readonly open: boolean
    }
  | {
      readonly kind: 'field'
      readonly id: string
      readonly topic: TopicModel
      readonly field: FieldSpec
      readonly open: boolean
    }
  | {
      readonly kind: 'element'
      readonly id: string
      readonly topic: TopicModel
      readonly field: FieldSpec
      readonly at: number
    }

/** Which lines of the table a person wants to see: what was opened, closed and searched for. */
export interface RowFilter {
  readonly closedTopics: ReadonlySet<string>
  readonly openArrays: ReadonlySet<string>
  readonly search: string
  /** Show fields too that only say when others were measured. */
  readonly timestamps: boolean
}

/** The facts about a topic, where the catalogue has any. */
export const topicSpecOf = (component: ComponentSpec | undefined, topic: TopicModel): TopicSpec | undefined =>
  component?.[topic.kind === 'telemetry' ? 'telemetry' : 'events'].find(spec => spec.name === topic.name)

/** A `number` may be whole or not: its format finds that out from the values. */
const typeOfValue = (value: unknown): string => {
  if (Array.isArray(value)) return typeOfValue(value[0])
  return typeof value === 'bigint' ? 'long long' : typeof value
}

/** A field that no catalogue describes, typed by what it sends. */
const guessedField = (name: string, value: unknown): FieldSpec => ({
  name,
  type: typeOfValue(value),
  count: Array.isArray(value) ? value.length : 1,
  units: ''
})

/** The fields of a topic: those of the catalogue in its order, then whatever else is sent. */
export function fieldsOf(topic: TopicModel, spec: TopicSpec | undefined): readonly FieldSpec[] {
  const known = spec?.fields ?? []
  const names = new Set(known.map(field => field.name))
  const extra = Object.entries(topic.latest.peek().fields).filter(([name]) => !names.has(name))
  return [...known, ...extra.map(([name, value]) => guessedField(name, value))]
}

/**
 * How many elements a field has: what it sent last decides, and until then the catalogue. Undefined for what
 * is no array; an array of one is one.
 */
export function elementCountOf({ latest }: TopicModel, { name, count }: FieldSpec): number | undefined {
  const value = latest.peek().fields[name]
  if (Array.isArray(value)) return value.length
  return value === undefined && count > 1 ? count : undefined
}

function fieldRows(topic: TopicModel, field: FieldSpec, filter: RowFilter): readonly Row[] {
  const id = `${topic.subject} ${field.name}`
  const count = elementCountOf(topic, field)
  const open = count !== undefined && filter.openArrays.has(id)
  const row: Row = { kind: 'field', id, topic, field, open }
  if (!open) return [row]
  const elements = Array.from(
    { length: count },
    (_, at): Row => ({ kind: 'element', id: `${id} ${at}`, topic, field, at })
  )
  return [row, ...elements]
}

/** The fields to list; a topic of nothing but timestamps keeps them. */
function listed(fields: readonly FieldSpec[], filter: RowFilter): readonly FieldSpec[] {
  if (filter.timestamps || seeksTimestamps(filter.search)) return fields
  const others = fields.filter(field => !isTimestamp(field.name))
  return others.length > 0 ? others : fields
}

function topicRows(topic: TopicModel, spec: TopicSpec | undefined, filter: RowFilter): readonly Row[] {
  const search = filter.search.trim().toLowerCase()
  const named = `${topic.name} ${topic.key ?? ''}`.toLowerCase().includes(search)
  const fields = listed(fieldsOf(topic, spec), filter).filter(
    field => named || field.name.toLowerCase().includes(search)
  )
  if (!named && fields.length === 0) return []
  const open = search !== '' || !filter.closedTopics.has(topic.subject)
  const head: Row = { kind: 'topic', id: topic.subject, topic, spec, open }
  return open ? [head, ...fields.flatMap(field => fieldRows(topic, field, filter))] : [head]
}

/** All lines of the table, in order. */
export const rowsOf = (
  topics: readonly TopicModel[],
  component: ComponentSpec | undefined,
  filter: RowFilter
): readonly Row[] => topics.flatMap(topic => topicRows(topic, topicSpecOf(component, topic), filter))
