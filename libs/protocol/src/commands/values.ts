import type { BooleanSchema, ListSchema, NumberSchema, ObjectSchema, TextSchema } from '../schema.ts'
import { COMMAND_ID, COMMAND_LIMITS, COMMAND_NAME } from './limits.ts'

export const commandId: TextSchema = {
  type: 'string',
  title: 'a ULID in lower case, 26 letters and digits',
  pattern: COMMAND_ID
}
/** The name of a component or of a command. */
export const commandName: TextSchema = {
  type: 'string',
  title: "a name of 1 to 120 letters, digits, '_', '-' and '='",
  pattern: COMMAND_NAME
}
/** The index of an instance; 0 for components that are not indexed. */
export const instanceIndex: NumberSchema = { type: 'integer', minimum: 0, maximum: COMMAND_LIMITS.index }
/** Parameters: what they are is for the catalogue to say. */
export const commandParams: ObjectSchema = { type: 'object', additionalProperties: true }
/** Seconds from acceptance to the last moment of dispatch. */
export const notAfterSeconds: NumberSchema = {
  type: 'number',
  exclusiveMinimum: 0,
  maximum: COMMAND_LIMITS.notAfterSeconds
}
export const text: TextSchema = { type: 'string' }
export const wholeNumber: NumberSchema = { type: 'integer' }
export const number: NumberSchema = { type: 'number' }
export const flag: BooleanSchema = { type: 'boolean' }
export const names: ListSchema = { type: 'array', items: text }
