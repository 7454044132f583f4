import { COMMAND_STATES } from '@meridian/protocol'
import { Type } from 'typebox'

/** An error, as every door sends it. */
export const errorSchema = Type.Object({
  error: Type.Object({
    code: Type.String({ description: 'one of docs/errors.md' }),
    message: Type.String(),
    canRetry: Type.Boolean({ description: 'whether the same request may succeed later' }),
    facts: Type.Optional(Type.Record(Type.String(), Type.Unknown()))
  })
})

/** Error answers of a route, by status. */
export const errorsOf = (...statuses: number[]): Record<number, typeof errorSchema> =>
  Object.fromEntries(statuses.map(status => [status, errorSchema]))

const name = Type.String({ pattern: '^[A-Za-z0-9_-]{1,120}$' })
const taiSeconds = (description: string) => Type.Number({ description: `${description}, TAI seconds` })

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

/** Query of `GET /api/history`. */
export const historyQuerySchema = Type.Object(
  {
    topic: Type.String({ maxLength: 256, description: 'subject, such as tel.summit.MTMount.0.azimuth' }),
    field: Type.String({
      pattern: '^[A-Za-z0-9_]{1,120}(\\[\\d{1,5}\\])?$',
      description: 'name, or name[3] for one element of an array'
    }),
    from: Type.Optional(
      Type.String({
        maxLength: 40,
        description: 'TAI seconds or ISO time in UTC; default: ten minutes before `to`'
      })
    ),
    to: Type.Optional(
      Type.String({ maxLength: 40, description: 'TAI seconds or ISO time in UTC; default: now' })
    ),
    points: Type.Optional(
      Type.String({ pattern: '^\\d{1,4}$', description: 'buckets, 1 to 5000; default 600' })
    )
  },
  { additionalProperties: false }
)

/** Answer of `GET /api/history`. */
export const historySchema = Type.Object({
  topic: Type.String(),
  field: Type.String(),
  from: taiSeconds('first instant'),
  to: taiSeconds('last instant'),
  buckets: Type.Array(Type.Array(Type.Number(), { minItems: 4, maxItems: 4 }), {
    description: '[start in TAI seconds, min, max, count] of each bucket that has values, oldest first'
  }),
  complete: Type.Boolean({
    description: 'false: work was cut short, what is older than readFrom is missing'
  }),
  readFrom: Type.Union([taiSeconds('the oldest value that was read'), Type.Null()]),
  heldFrom: Type.Union([taiSeconds('the oldest value that is still held'), Type.Null()])
})

/** Answer of `GET /api/catalogue`. */
export const catalogueSchema = Type.Object({
  version: Type.String(),
  components: Type.Array(Type.Object({ name: Type.String(), indexed: Type.Boolean() }))
})

const topicsSchema = Type.Array(
  Type.Object({
    name: Type.String(),
    fields: Type.Array(
      Type.Object({
        name: Type.String(),
        type: Type.String(),
        count: Type.Integer(),
        units: Type.String(),
        enumeration: Type.Optional(Type.String())
      })
    ),
    rateHz: Type.Optional(Type.Number()),
    keyFields: Type.Optional(Type.Array(Type.String()))
  })
)

/** Answer of `GET /api/catalogue/{csc}`. */
export const componentSchema = Type.Object({
  name: Type.String(),
  indexed: Type.Boolean(),
  commands: topicsSchema,
  events: topicsSchema,
  telemetry: topicsSchema,
  enumerations: Type.Array(
    Type.Object({
      name: Type.String(),
      items: Type.Array(
        Type.Object({ name: Type.String(), value: Type.Union([Type.Number(), Type.String()]) })
      )
    })
  )
})

/** Answer of `GET /api/site`. */
export const siteSchema = Type.Object({
  name: Type.String(),
  instances: Type.Array(Type.Object({ csc: Type.String(), index: Type.Integer() }))
})
