import { Type } from 'typebox'
import { type CommandAccepted, commandAcceptedSchema, wireErrorSchema } from '../commands/answer.ts'
import { type CommandBody, commandBodySchema } from '../commands/command-body.ts'
import {
  type AckRecord,
  ackRecordSchema,
  type CommandHistory,
  commandHistorySchema,
  type IntakeRecord,
  intakeRecordSchema
} from '../commands/records.ts'
import { commandId } from '../commands/values.ts'
import { objectSchema } from '../object-schema.ts'
import type { Answer } from './answer.ts'
import { described } from './described.ts'

/** A command id: a ULID in lower case. */
export const idSchema = Type.Unsafe<string>({
  ...commandId,
  description: 'ULID in lower case, made by the client; the same id again is the same command'
})

/** Seconds to wait for the end of a command. */
export const waitSchema = Type.Object(
  {
    wait: Type.Optional(
      Type.String({ maxLength: 12, description: 'seconds to wait for the end, 0 to 60, such as 10 or 2.5' })
    )
  },
  { additionalProperties: false }
)

/** Body of `POST /api/commands`: the command; without an `id` the api makes one. */
export const commandSchema = described<CommandBody>(commandBodySchema, {
  id: 'ULID in lower case, made by the client; the same id again is the same command',
  index: '0 for components that are not indexed',
  notAfterSeconds: 'it is not sent later than this after acceptance; default 10'
})

/** Answer 202: the command is on the record. */
export type AcceptedAnswer = CommandAccepted & { readonly links: { readonly self: string } }

/** Answer 202: the command is on the record. */
export const acceptedSchema = described<AcceptedAnswer>(
  {
    ...commandAcceptedSchema,
    properties: {
      ...commandAcceptedSchema.properties,
      links: objectSchema<AcceptedAnswer['links']>({ required: { self: { type: 'string' } }, optional: {} })
    },
    required: [...(commandAcceptedSchema.required ?? []), 'links']
  },
  {
    acceptedAt: 'when it was put on the record, TAI seconds',
    notAfter: 'when its time to be sent ends, TAI seconds',
    ackSubject: 'where its stages appear on NATS',
    duplicate: 'this id had been accepted before with the same content',
    defaults: 'parameters that got their default',
    warning: 'at a stop: for what any other command would have been refused'
  }
)

const intakeSchema = described<IntakeRecord>(intakeRecordSchema, {
  principal: 'who asked',
  door: 'through which door',
  acceptedAt: 'when it was put on the record, TAI seconds',
  notAfter: 'when its time to be sent ends, TAI seconds',
  acceptedBy: 'name of the commander',
  defaults: 'parameters that got their default'
})

const stageSchema = described<AckRecord>(ackRecordSchema, {
  time: 'when it was known, TAI seconds',
  commander: 'name of the commander that wrote it',
  boot: 'and which run of it',
  ack: "SAL's code",
  error: "SAL's error",
  timeoutSeconds: 'how much time the component asked for',
  unserved: 'true for a noack that nobody served the component: the command reached nobody'
})

const recordProperties = {
  ...commandHistorySchema.properties,
  intake: intakeSchema,
  stages: Type.Array(stageSchema)
}

/** The record of one command. */
export const recordSchema = Type.Unsafe<CommandHistory>({
  ...commandHistorySchema,
  properties: recordProperties
})

/** Answer 200 to a command whose end was awaited: its record, with the warning that a stop was answered with. */
export type EndedAnswer = CommandHistory & Pick<CommandAccepted, 'warning'>

/** Answer 200 to a command whose end was awaited. */
export const endedSchema = Type.Unsafe<EndedAnswer>({
  ...commandHistorySchema,
  properties: {
    ...recordProperties,
    warning: {
      ...wireErrorSchema,
      description: 'at a stop: for what any other command would have been refused'
    }
  }
})

/** Commands that one list has at most, and by default. */
export const COMMAND_LIST_LIMITS = { most: 500, usual: 50 } as const

/** Query of `GET /api/commands`. */
export const commandsQuerySchema = Type.Object(
  {
    component: Type.Optional(
      Type.String({ maxLength: 120, description: 'name of a component; default: all' })
    ),
    index: Type.Optional(
      Type.String({
        maxLength: 12,
        description: 'its index; a whole number; default: all; not without `component`'
      })
    ),
    limit: Type.Optional(
      Type.String({
        maxLength: 12,
        description: `commands, 1 to ${COMMAND_LIST_LIMITS.most}; default ${COMMAND_LIST_LIMITS.usual}; a whole number`
      })
    )
  },
  { additionalProperties: false }
)

/** Answer of `GET /api/commands`. */
export const commandListSchema = Type.Object({
  commands: Type.Array(recordSchema, { description: 'the last ones accepted, newest first' }),
  complete: Type.Boolean({ description: 'false: older ones are on the record that are not in this list' })
})

/** Query of `GET /api/commands`, as texts. */
export type CommandsQueryTexts = Answer<typeof commandsQuerySchema>

/** Answer of `GET /api/commands`. */
export type CommandListAnswer = Answer<typeof commandListSchema>
