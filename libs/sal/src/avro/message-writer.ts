import { AppError } from '@meridian/errors'
import type { Fields } from '@meridian/msgpack'
import avsc from 'avsc'
import { long } from './long.ts'

/**
 * Writes one message: private and public fields by name, what is not given by the schema's default. Throws
 * SAL_BAD_MESSAGE that names the first field whose value is not of its type.
 */
export type MessageWriter = (values: Readonly<Fields>) => Uint8Array

/** Makes the writer of a schema's messages: for commands, and for stand-ins of components. */
export function createMessageWriter(schemaText: string): MessageWriter {
  const type = avsc.Type.forSchema(JSON.parse(schemaText), { registry: { long } })
  const defaults = defaultsOf(type)
  return values => {
    const message = { ...defaults, ...values }
    if (!type.isValid(message)) refuse(type, message)
    return type.toBuffer(message)
  }
}

function defaultsOf(type: avsc.Type): Fields {
  if (!(type instanceof avsc.types.RecordType))
    throw new AppError('SAL_BAD_SCHEMA', { detail: 'it is no record' })
  return Object.fromEntries(type.fields.map(field => [field.name, field.defaultValue() as unknown]))
}

const shown = (value: unknown): string => String(value).slice(0, 60)

function refuse(type: avsc.Type, message: Fields): never {
  type.isValid(message, {
    errorHook(path, value) {
      throw new AppError('SAL_BAD_MESSAGE', {
        detail: `${path.join('.')} ${value === undefined ? 'has no value' : `cannot be ${shown(value)}`}`
      })
    }
  })
  throw new AppError('SAL_BAD_MESSAGE')
}
