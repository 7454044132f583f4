import { objectSchema, type PropertiesOf } from '../object-schema.ts'
import type { JsonObject } from '../schema.ts'
import { commandId, commandName, commandParams, instanceIndex, notAfterSeconds } from './values.ts'

/**
 * A command as a client asks for it, whatever the door: the body of `POST /api/commands`, the rest of a
 * `command` frame, what subject and payload of `cmd.` say together.
 */
export interface CommandBody {
  /** ULID; the door makes one where the client gave none. Upper case is taken and kept in lower case. */
  readonly id?: string
  readonly csc: string
  readonly index: number
  readonly command: string
  readonly params?: JsonObject
  /** Seconds from acceptance after which it is not sent any more; default 10, at most 3600. */
  readonly notAfterSeconds?: number
}

/** The instance of a site that should execute a command, and the command. */
export interface CommandTarget {
  readonly site: string
  readonly csc: string
  readonly index: number
  readonly command: string
}

/** The properties that name a target within its site. */
export const target: PropertiesOf<Omit<CommandTarget, 'site'>>['required'] = {
  csc: commandName,
  index: instanceIndex,
  command: commandName
}

/** Checks what a client asks for, over HTTP or in a frame. A property that is not named is refused: it might be a misplaced parameter. */
export const commandBodySchema = objectSchema<CommandBody>(
  { required: target, optional: { id: commandId, params: commandParams, notAfterSeconds } },
  { additionalProperties: false }
)
