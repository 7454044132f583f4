import { Type } from 'typebox'
import { COMMAND_STATES } from '../commands/command-states.ts'
import { taiSeconds } from './tai-seconds.ts'

const name = Type.String({ pattern: '^[A-Za-z0-9_-]{1,120}$' })

/** A command id: a ULID in lower case. */
export const idSchema = Type.String({
  pattern: '^[0-7][0-9a-hjkmnp-tv-z]{25}$',
  description: 'ULID in lower case, made by the client; the same id again is the same command'
})

/** Seconds to wait for the end of a command. */
export const waitSchema = Type.Object(
  {
    wait: Type.Optional(
      Type.String({
        pattern: '^\\d{1,2}(\\.\\d{1,3})?$',
        description: 'seconds to wait for the end, at most 60'
      })
    )
  },
  { additionalProperties: false }
)

/** Body of `POST /api/commands`. */
export const commandSchema = Type.Object(
  {
    id: Type.Optional(idSchema),
    csc: name,
    index: Type.Integer({
      minimum: 0,
      maximum: 2_147_483_647,
      description: '0 for components that are not indexed'
    }),
    command: name,
    params: Type.Optional(Type.Record(Type.String(), Type.Unknown())),
    notAfterSeconds: Type.Optional(
      Type.Number({
        exclusiveMinimum: 0,
        maximum: 3600,
        description: 'it is not sent later than this after acceptance; default 10'
      })
    )
  },
  { additionalProperties: false }
)

/** Answer 202: the command is on the record. */
export const acceptedSchema = Type.Object({
  id: Type.String(),
  state: Type.Literal('accepted'),
  acceptedAt: taiSeconds('when it was put on the record'),
  notAfter: taiSeconds('when its time to be sent ends'),
  ackSubject: Type.String({ description: 'where its stages appear on NATS' }),
  duplicate: Type.Boolean({ description: 'this id had been accepted before with the same content' }),
  defaults: Type.Optional(Type.Array(Type.String(), { description: 'parameters that got their default' })),
  links: Type.Object({ self: Type.String() })
})

const stageSchema = Type.Object({
  id: Type.String(),
  csc: Type.String(),
  index: Type.Integer(),
  command: Type.String(),
  state: Type.Enum([...COMMAND_STATES]),
  time: taiSeconds('when it was known'),
  commander: Type.String(),
  boot: Type.String(),
  ack: Type.Optional(Type.Integer({ description: "SAL's code" })),
  error: Type.Optional(Type.Integer()),
  result: Type.Optional(Type.String()),
  timeoutSeconds: Type.Optional(Type.Number())
})

/** The record of one command. */
export const recordSchema = Type.Object({
  id: Type.String(),
  state: Type.Enum([...COMMAND_STATES]),
  intake: Type.Record(Type.String(), Type.Unknown()),
  stages: Type.Array(stageSchema)
})
