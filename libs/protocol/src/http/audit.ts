import { Type } from 'typebox'
import type { Answer } from './answer.ts'
import { AUDIT_KINDS } from './audit-kinds.ts'
import { taiSeconds } from './tai-seconds.ts'
import { USER_LIMITS } from './users.ts'

/** Records that one list of the audit has at most, and by default. */
export const AUDIT_LIST_LIMITS = { most: 1_000, usual: 200 } as const

/** One record of the audit, as it stands on `audit.<site>.<what>`; more members may come. */
export const auditRecordSchema = Type.Object({
  time: taiSeconds('when it happened'),
  what: Type.String({
    description: 'such as log-in, log-in-refused, user-changed: the last token of its subject'
  }),
  process: Type.String({ description: 'the process that tells it' }),
  name: Type.Optional(Type.String({ description: 'the user concerned' })),
  by: Type.Optional(Type.String({ description: 'who did it, where that is another' })),
  address: Type.Optional(Type.String({ description: 'where the request came from' })),
  session: Type.Optional(Type.String()),
  token: Type.Optional(Type.String({ description: 'name of the personal token concerned' })),
  door: Type.Optional(Type.String({ description: 'of a refused command: the door that it came through' })),
  about: Type.Optional(
    Type.Array(Type.String(), {
      description: 'what was asked for and refused: commands as CSC.index.command, or patterns of subjects'
    })
  ),
  code: Type.Optional(Type.String({ description: 'the code of a refusal' })),
  changed: Type.Optional(Type.Array(Type.String(), { description: 'names of what was changed' })),
  roles: Type.Optional(
    Type.Array(Type.String(), {
      description: 'of a user who was made, or whose roles were changed: those that he has now'
    })
  ),
  disabled: Type.Optional(
    Type.Boolean({
      description: 'of a user for whom that was changed: true where he may not log in any more'
    })
  ),
  times: Type.Optional(
    Type.Integer({ minimum: 1, description: 'of refusals: how often more it happened within this minute' })
  )
})

/** Query of `GET /api/audit`: all members are optional, and one that is not named here is refused. */
export const auditQuerySchema = Type.Object(
  {
    what: Type.Optional(
      Type.Enum(AUDIT_KINDS, { description: 'one kind, such as log-in-refused; default: all' })
    ),
    name: Type.Optional(
      Type.String({
        maxLength: USER_LIMITS.name,
        description: 'whom it concerns, or who did it; default: all'
      })
    ),
    refused: Type.Optional(
      Type.Enum(['true', 'false'], { description: 'true: refusals only, which have a code; default: false' })
    ),
    from: Type.Optional(
      Type.String({
        maxLength: 40,
        description: 'not before, by the time of the record: ISO 8601 or TAI seconds'
      })
    ),
    to: Type.Optional(Type.String({ maxLength: 40, description: 'not after: ISO 8601 or TAI seconds' })),
    before: Type.Optional(
      Type.String({ maxLength: 20, description: 'goes on behind a list: its `older`; default: the newest' })
    ),
    limit: Type.Optional(
      Type.String({
        maxLength: 12,
        description: `records, 1 to ${AUDIT_LIST_LIMITS.most}; default ${AUDIT_LIST_LIMITS.usual}; a whole number`
      })
    )
  },
  { additionalProperties: false }
)

/** A record of a list, and where it stands: no two have the same place. */
const listedRecordSchema = Type.Object({
  ...auditRecordSchema.properties,
  seq: Type.Integer({ minimum: 1, description: 'sequence in the stream, by which records can be told apart' })
})

/** Answer of `GET /api/audit`. */
export const auditSchema = Type.Object({
  records: Type.Array(listedRecordSchema, {
    description: 'newest first, in the order in which they were stored'
  }),
  complete: Type.Boolean({ description: 'false: older ones are held that are not in this list' }),
  older: Type.Optional(
    Type.String({ description: 'where the list is not complete: what to send as `before` to go on' })
  )
})

/** One record of the audit, `time` in TAI seconds; which of the other members it has depends on `what`. */
export type AuditRecord = Answer<typeof auditRecordSchema>

/** One record of a list. */
export type ListedAuditRecord = Answer<typeof listedRecordSchema>

/** Query of `GET /api/audit`, as texts. */
export type AuditQueryTexts = Answer<typeof auditQuerySchema>

/** Answer of `GET /api/audit`. */
export type AuditAnswer = Answer<typeof auditSchema>
