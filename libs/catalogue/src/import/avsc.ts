import { readdirSync, readFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import type { SalType } from '@meridian/msgpack'
import { Type } from 'typebox'
import { Value } from 'typebox/value'
import { typesOfAvro } from '../sal-names.ts'
import type { Problems } from './problems.ts'
import type { FieldSource, TopicSource } from './sources.ts'

const TYPES: Readonly<Record<string, SalType>> = typesOfAvro

const recordSchema = Type.Object({
  type: Type.Literal('record'),
  name: Type.String({ pattern: '^[A-Za-z][A-Za-z0-9_]*$' }),
  namespace: Type.String(),
  fields: Type.Array(
    Type.Object({
      name: Type.String({ pattern: '^[A-Za-z][A-Za-z0-9_]*$' }),
      type: Type.Union([Type.String(), Type.Tuple([Type.Literal('null'), Type.String()])]),
      description: Type.Optional(Type.String()),
      units: Type.Optional(Type.String())
    })
  )
})

/**
 * Description that marks the key fields in a camera's `.avsc` files: they name the device that a message is
 * about.
 */
const TAG = 'This is a tag'

/** Telemetry topics of a camera's `.avsc` files, below `avro_interfaces/<CSC>` [docs/sal.md#camera-rows]. */
export function readAvscTopics(directory: string, csc: string, problems: Problems): TopicSource[] {
  return avscFiles(join(directory, 'avro_interfaces', csc)).flatMap(
    name => readAvsc(directory, join('avro_interfaces', csc, name), problems) ?? []
  )
}

function avscFiles(folder: string): string[] {
  try {
    return readdirSync(folder)
      .filter(name => name.endsWith('.avsc'))
      .sort()
  } catch {
    return []
  }
}

function readAvsc(directory: string, file: string, problems: Problems): TopicSource | undefined {
  const place = { file, element: basename(file, '.avsc') }
  const refuse = (message: string): undefined => {
    problems.add({ ...place, code: 'CAT_BAD_AVSC', message })
    return undefined
  }
  const record = readJson(join(directory, file))
  if (!Value.Check(recordSchema, record)) {
    const [fault] = Value.Errors(recordSchema, record)
    return refuse(record === undefined ? 'not JSON' : `${fault?.instancePath || 'record'} ${fault?.message}`)
  }
  if (record.name !== place.element) return refuse(`the record is called '${record.name}', the file is not`)
  const unknown = record.fields.find(field => TYPES[avroTypeOf(field.type)] === undefined)
  if (unknown !== undefined) return refuse(`field ${unknown.name} has the type ${avroTypeOf(unknown.type)}`)
  return {
    kind: 'telemetry',
    name: record.name,
    description: '',
    fields: record.fields.map(fieldOf),
    avsc: true,
    place
  }
}

const avroTypeOf = (type: string | readonly [string, string]): string =>
  typeof type === 'string' ? type : type[1]

type AvroField = Type.Static<typeof recordSchema>['fields'][number]

function fieldOf(field: AvroField): FieldSource {
  return {
    name: field.name,
    type: TYPES[avroTypeOf(field.type)] as SalType,
    count: 1,
    units: field.units ?? '',
    description: field.description ?? '',
    ...(typeof field.type !== 'string' && { nullable: true }),
    ...(field.description === TAG && { tag: true })
  }
}

function readJson(file: string): unknown {
  try {
    return JSON.parse(readFileSync(file, 'utf8'))
  } catch {
    return undefined
  }
}
