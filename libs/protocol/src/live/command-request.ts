import { commandId, commandName, commandParams, instanceIndex, notAfterSeconds } from '../commands/values.ts'
import { objectSchema } from '../object-schema.ts'
import { findProblem, type JsonObject, type Problem } from '../schema.ts'

/** A command, as a client asks the gateway for it; passed on as `cmd.<site>.<CSC>.<index>.<command>`. */
export interface CommandRequest {
  readonly op: 'command'
  /** ULID, lower case, made by the client; the same id again is the same command. */
  readonly id: string
  readonly csc: string
  readonly index: number
  readonly command: string
  readonly params: JsonObject
  /** Seconds from acceptance after which it must not be dispatched any more; default 10, at most 3600. */
  readonly notAfterSeconds?: number
}

/** The shape of CommandRequest. */
export const commandRequestSchema = objectSchema<CommandRequest>(
  {
    required: {
      op: { type: 'string', enum: ['command'] },
      id: commandId,
      csc: commandName,
      index: instanceIndex,
      command: commandName,
      params: commandParams
    },
    optional: { notAfterSeconds }
  },
  { additionalProperties: false }
)

/** What a gateway would refuse in a request; undefined where it would pass it on. */
export const findRequestProblem = (request: CommandRequest): Problem | undefined =>
  findProblem(commandRequestSchema, request)
