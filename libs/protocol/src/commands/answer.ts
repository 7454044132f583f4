import type { WireError } from '@meridian/errors'
import { objectSchema } from '../object-schema.ts'
import { parseAs, readJson } from '../parse.ts'
import { findProblem } from '../schema.ts'
import { commandId, flag, names, number, text } from './values.ts'

/** The commander's answer to an accepted command. Times are TAI seconds. */
export interface CommandAccepted {
  readonly id: string
  readonly state: 'accepted'
  readonly acceptedAt: number
  readonly notAfter: number
  /** Subject on which the command's later stages are published. */
  readonly ackSubject: string
  /** True when this id had been accepted before with the same content. */
  readonly duplicate: boolean
  /** Parameters that were left out: SAL's defaults (0, false, ''), for a stop first those of the site. */
  readonly defaults?: readonly string[]
  /** At a stop: for what any other command would have been refused, such as CMD_OFFLINE. It was sent. */
  readonly warning?: WireError
  /** False where the later stages do not come to the asker's reply subject, because too many do already. */
  readonly stages?: false
}

/**
 * What a request on `cmd.` is answered with: the command is accepted, and so on the record, or refused with
 * an error.
 */
export type CommandAnswer = CommandAccepted | { readonly error: WireError }

/** Checks an error as every door and the commanders send it; `facts` may hold anything. */
export const wireErrorSchema = objectSchema<WireError>({
  required: { code: text, message: text, canRetry: flag },
  optional: { facts: { type: 'object', additionalProperties: true } }
})

/** Checks a commander's answer that a command was accepted; properties that are not named are let through. */
export const commandAcceptedSchema = objectSchema<CommandAccepted>({
  required: {
    id: commandId,
    state: { type: 'string', enum: ['accepted'] },
    acceptedAt: number,
    notAfter: number,
    ackSubject: text,
    duplicate: flag
  },
  optional: { defaults: names, warning: wireErrorSchema, stages: flag }
})

const refusalSchema = objectSchema<{ error: WireError }>({
  required: { error: wireErrorSchema },
  optional: {}
})

/** Parses what a commander answered; members that are not known are let through. Throws CMD_BAD_ANSWER. */
export function parseCommandAnswer(data: Uint8Array): CommandAnswer {
  const value = readJson(data, 'CMD_BAD_ANSWER')
  const isRefusal = findProblem(refusalSchema, value) === undefined
  return isRefusal
    ? (value as { error: WireError })
    : parseAs<CommandAccepted>(commandAcceptedSchema, value, 'CMD_BAD_ANSWER')
}
