import { AppError } from '@meridian/errors'

/** The types of Avro that SAL's schemas use [docs/sal.md#avro]. */
const types = ['boolean', 'int', 'long', 'float', 'double', 'string'] as const

/** The type of a field, or of the values of an array. */
export type AvroType = (typeof types)[number]

/** One field of a message, public or private, as its writer declares it. */
export interface AvroField {
  readonly name: string
  readonly type: AvroType
  /** Any number of values: Avro knows no length. */
  readonly isArray: boolean
  /** Where null stands in the union of a field that may be null; undefined where it may not. */
  readonly nullAt: 0 | 1 | undefined
}

/** What a writer's schema says of its messages: their fields in the order of the bytes. */
export interface AvroSchema {
  /** SAL's name of the topic: `azimuth`, `logevent_heartbeat`. */
  readonly name: string
  readonly fields: readonly AvroField[]
}

/** More than any message of SAL has, and fewer than a map of MessagePack holds. */
const MAX_FIELDS = 10_000
/** A name may be as long as a schema. */
const MAX_DETAIL = 200

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

function refuse(detail: string): never {
  throw new AppError('SAL_BAD_SCHEMA', { detail: detail.slice(0, MAX_DETAIL) })
}

/**
 * Reads the text of a schema as a registry hands it out: a record of flat fields. Throws SAL_BAD_SCHEMA for
 * anything that SAL does not write.
 */
export function parseAvroSchema(text: string): AvroSchema {
  let schema: unknown
  try {
    schema = JSON.parse(text)
  } catch {
    return refuse('it is no JSON')
  }
  if (!isRecord(schema) || schema['type'] !== 'record') return refuse('it is no record')
  const { name, fields } = schema
  if (typeof name !== 'string' || !Array.isArray(fields)) return refuse('it has no name, or no fields')
  if (fields.length > MAX_FIELDS) return refuse(`it has ${fields.length} fields`)
  return { name, fields: eachOnce(fields.map(fieldOf)) }
}

/** A sample has each field once. */
function eachOnce(fields: readonly AvroField[]): readonly AvroField[] {
  const names = new Set<string>()
  for (const { name } of fields) {
    if (names.has(name)) return refuse(`${name} is there twice`)
    names.add(name)
  }
  return fields
}

function fieldOf(field: unknown): AvroField {
  if (!isRecord(field) || typeof field['name'] !== 'string') return refuse('a field has no name')
  const { name, type } = field
  return Array.isArray(type) ? unionOf(name, type) : { name, ...shapeOf(name, type), nullAt: undefined }
}

function unionOf(name: string, branches: readonly unknown[]): AvroField {
  const nullAt = branches.indexOf('null')
  const other = branches[1 - nullAt]
  if (branches.length !== 2 || (nullAt !== 0 && nullAt !== 1))
    return refuse(`${name} is a union of more than null and a type`)
  return { name, ...shapeOf(name, other), nullAt }
}

function shapeOf(name: string, type: unknown): Pick<AvroField, 'type' | 'isArray'> {
  if (isRecord(type) && type['type'] === 'array') return { type: typeOf(name, type['items']), isArray: true }
  return { type: typeOf(name, isRecord(type) ? type['type'] : type), isArray: false }
}

function typeOf(name: string, type: unknown): AvroType {
  const known = types.find(known => known === type)
  return known ?? refuse(`${name} has a type that SAL does not use`)
}
