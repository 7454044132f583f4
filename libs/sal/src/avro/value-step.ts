import { typesOfAvro } from '@meridian/catalogue'
import { type ByteWriter, type FieldSpec, putOfType, salTypes } from '@meridian/msgpack'
import { arrayStep, eachBlock } from './array-step.ts'
import { type AvroBytes, refuse } from './avro-bytes.ts'
import type { AvroField } from './schema.ts'
import { putTextBytes } from './text-step.ts'
import { reads, skip } from './values.ts'

/**
 * Takes one value from a message and puts it as MessagePack: gives the position after it, or -1 where it
 * contradicts what is expected. In both cases the message stands at the next value. The caller reserves.
 */
export type ValueStep = (from: AvroBytes, to: ByteWriter, at: number) => number

/** The step of a field. `spec` is what the catalogue says of it; undefined where it knows no such field. */
export function valueStepOf(field: AvroField, spec: FieldSpec | undefined): ValueStep {
  const step = spec === undefined || agree(field, spec) ? putStepOf(field, spec) : skipStepOf(field)
  return field.nullAt === undefined
    ? step
    : nullableStep(step, field.nullAt, spec === undefined || spec.nullable === true)
}

/**
 * Whether a field as it is written can be what the catalogue says. As in Avro's own resolution of schemas, a
 * whole number may become a real one.
 */
function agree({ type, isArray }: AvroField, spec: FieldSpec): boolean {
  const written = salTypes[typesOfAvro[type]]
  const wanted = salTypes[spec.type]
  return isArray === spec.count > 1 && (written === wanted || (written === 'integer' && wanted === 'real'))
}

function putStepOf({ type, isArray }: AvroField, spec: FieldSpec | undefined): ValueStep {
  const wanted = spec?.type ?? typesOfAvro[type]
  if (isArray) return arrayStep(type, wanted, spec?.count)
  if (type === 'string') return putTextBytes
  const read = reads[type]
  const put = putOfType[wanted]
  return (from, to, at) => put(to, at, read(from))
}

function skipStepOf({ type, isArray }: AvroField): ValueStep {
  return from => {
    if (isArray) eachBlock(from, count => skip(from, type, count))
    else skip(from, type, 1)
    return -1
  }
}

function nullableStep(step: ValueStep, nullAt: 0 | 1, mayBeNull: boolean): ValueStep {
  return (from, to, at) => {
    const branch = from.integer()
    if (branch === 1 - nullAt) return step(from, to, at)
    if (branch !== nullAt) refuse(`a union has no branch ${branch}`)
    if (!mayBeNull) return -1
    to.bytes[at] = 0xc0
    return at + 1
  }
}
