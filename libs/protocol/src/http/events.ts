import { Type } from 'typebox'
import type { Answer } from './answer.ts'
import { taiSeconds } from './tai-seconds.ts'

/** Events that one list has at most, and by default. */
export const EVENT_LIST_LIMITS = { most: 1_000, usual: 200, patterns: 32 } as const

const patternSchema = Type.String({
  maxLength: 256,
  description: 'subject or pattern, such as evt.summit.MTMount.0.>'
})

/** Query of `GET /api/events`. */
export const eventsQuerySchema = Type.Object(
  {
    pattern: Type.Union(
      [patternSchema, Type.Array(patternSchema, { minItems: 1, maxItems: EVENT_LIST_LIMITS.patterns })],
      {
        description: `of events or of what concerns scripts; may be repeated, ${EVENT_LIST_LIMITS.patterns} times at most`
      }
    ),
    limit: Type.Optional(
      Type.String({
        maxLength: 12,
        description: `events, 1 to ${EVENT_LIST_LIMITS.most}; default ${EVENT_LIST_LIMITS.usual}; a whole number`
      })
    )
  },
  { additionalProperties: false }
)

const eventSchema = Type.Object({
  subject: Type.String(),
  time: taiSeconds('when the source says that it sent it'),
  received: taiSeconds('when it was received'),
  fields: Type.Record(Type.String(), Type.Unknown(), {
    description: 'NaN and infinities as texts, integers beyond 2^53 too'
  })
})

/** Answer of `GET /api/events`. */
export const eventsSchema = Type.Object({
  events: Type.Array(eventSchema, { description: 'newest first, in the order in which they were stored' }),
  heldFrom: Type.Union([
    taiSeconds('when the oldest one that is still held was received: the record begins there'),
    Type.Null()
  ]),
  complete: Type.Boolean({ description: 'false: older ones are held that are not in this list' })
})

/** Query of `GET /api/events`, as texts. */
export type EventsQueryTexts = Answer<typeof eventsQuerySchema>

/** One event of the record, as that answer has it. */
export type RecordedEvent = Answer<typeof eventSchema>

/** Answer of `GET /api/events`. */
export type EventsAnswer = Answer<typeof eventsSchema>
