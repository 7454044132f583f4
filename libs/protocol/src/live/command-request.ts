import { type CommandBody, commandBodySchema } from '../commands/command-body.ts'
import { findParamsProblem } from '../commands/params-problem.ts'
import { findProblem, type JsonObject, type ObjectSchema } from '../schema.ts'

/**
 * A command, as a client asks the gateway for it; passed on as `cmd.<site>.<CSC>.<index>.<command>`. The id,
 * a ULID, is the client's: the same id again is the same command.
 */
export interface CommandRequest extends CommandBody {
  readonly op: 'command'
  readonly id: string
  readonly params: JsonObject
}

/** Checks the frame `command`: the body of a command, of which `id` and `params` must be there too. */
export const commandRequestSchema: ObjectSchema = {
  ...commandBodySchema,
  properties: { op: { type: 'string', enum: ['command'] }, ...commandBodySchema.properties },
  required: ['op', 'id', 'params', ...(commandBodySchema.required ?? [])]
}

/** The property for which every door would refuse a request; undefined where a gateway would pass it on. */
export function findRequestProblem(request: CommandRequest): { readonly property: string } | undefined {
  const problem = findProblem(commandRequestSchema, request)
  if (problem !== undefined) return problem
  const inParams = findParamsProblem(request.params)
  if (inParams === undefined) return undefined
  return { property: inParams.kind === 'form' ? 'params' : `params.${inParams.parameter}` }
}
