import type { BooleanSchema, ListSchema, NumberSchema, ObjectSchema, TextSchema } from '../schema.ts'
import { COMMAND_ID, COMMAND_LIMITS, COMMAND_NAME } from './limits.ts'

/** The id of a command, as records keep it. */
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
/** Any text; its length is bounded by the size of the record. */
export const text: TextSchema = { type: 'string' }
/** An integer that a double holds exactly. */
export const wholeNumber: NumberSchema = { type: 'integer' }
/** Any finite number. */
export const number: NumberSchema = { type: 'number' }
/** True or false; a text or a number is neither. */
export const flag: BooleanSchema = { type: 'boolean' }
/** A list of texts, such as the parameters that were given their defaults. */
export const names: ListSchema = { type: 'array', items: text }
