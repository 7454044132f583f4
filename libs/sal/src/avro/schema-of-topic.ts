import { avroTypes, type Field, salNameOf, type Topic } from '@meridian/catalogue'
import { privateFields } from '../private-fields.ts'

/** A default as SAL's schemas have one. */
const defaults = { boolean: false, int: 0, long: 0, float: 0, double: 0, string: '' } as const

/**
 * The text of the Avro schema of a topic, as a component of the catalogue would register it but for descriptions
 * and units. Rows of cameras have their private fields behind the public ones [docs/sal.md#camera-rows].
 */
export function schemaTextOf(topic: Topic, { indexed }: { readonly indexed: boolean }): string {
  const own = Object.entries(privateFields)
    .filter(([name]) => indexed || name !== 'salIndex')
    .map(([name, type]) => ({ name, type, default: defaults[type] }))
  const fields = topic.fields.map(fieldOf)
  const isCameraRow = topic.fields.some(({ tag }) => tag === true)
  return JSON.stringify({
    type: 'record',
    name: salNameOf(topic),
    namespace: `lsst.sal.${topic.csc}`,
    fields: isCameraRow ? [...fields, ...own] : [...own, ...fields]
  })
}

function fieldOf({ name, type, count, nullable }: Field): object {
  const avro = avroTypes[type]
  if (nullable === true) return { name, type: ['null', avro], default: null }
  if (count === 1) return { name, type: avro, default: defaults[avro] }
  return { name, type: { type: 'array', items: avro }, default: Array(count).fill(defaults[avro]) }
}
