import { Type } from 'typebox'
import type { Answer } from './answer.ts'
import { taiSeconds } from './tai-seconds.ts'

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

/** One bucket of a plot: start in TAI seconds, least and greatest value, how many there were. */
export type HistoryBucket = readonly [start: number, min: number, max: number, count: number]

const bucketSchema = Type.Unsafe<HistoryBucket>(Type.Array(Type.Number(), { minItems: 4, maxItems: 4 }))

/** Answer of `GET /api/history`. */
export const historySchema = Type.Object({
  topic: Type.String(),
  field: Type.String(),
  from: taiSeconds('first instant'),
  to: taiSeconds('last instant'),
  buckets: Type.Array(bucketSchema, {
    description: '[start in TAI seconds, min, max, count] of each bucket that has values, oldest first'
  }),
  complete: Type.Boolean({
    description: 'false: work was cut short, what is older than readFrom is missing'
  }),
  readFrom: Type.Union([taiSeconds('the oldest value that was read'), Type.Null()]),
  heldFrom: Type.Union([taiSeconds('the oldest value that is still held'), Type.Null()])
})

/** Query of `GET /api/history`, as texts. */
export type HistoryQueryTexts = Answer<typeof historyQuerySchema>

/** Answer of `GET /api/history`. */
export type HistoryAnswer = Answer<typeof historySchema>
