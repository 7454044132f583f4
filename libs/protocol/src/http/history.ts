import { Type } from 'typebox'
import type { Answer } from './answer.ts'
import { taiSeconds } from './tai-seconds.ts'

/** Longest name of a field that a history is asked for, in bytes of UTF-8. */
export const MAX_FIELD_BYTES = 255

/** Query of `GET /api/history`. */
export const historyQuerySchema = Type.Object(
  {
    topic: Type.String({ maxLength: 256, description: 'subject, such as tel.summit.MTMount.0.azimuth' }),
    field: Type.String({
      minLength: 1,
      maxLength: MAX_FIELD_BYTES,
      description: `name of the field, any text of at most ${MAX_FIELD_BYTES} bytes`
    }),
    index: Type.Optional(
      Type.String({ maxLength: 12, description: 'element of an array field, from 0; a whole number' })
    ),
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
      Type.String({ maxLength: 12, description: 'buckets, 1 to 5000; default 600; a whole number' })
    )
  },
  { additionalProperties: false }
)

const infinities = [Type.Literal('Infinity'), Type.Literal('-Infinity')] as const

/** A number, or an infinity as JSON has it. */
const extremeSchema = Type.Union([Type.Number(), ...infinities])

/** Least or greatest value of a bucket; null where all its values are NaN. */
export type HistoryExtreme = number | 'Infinity' | '-Infinity' | null

/**
 * One bucket of a plot: start in TAI seconds, least and greatest value, how many values there were, NaN among
 * them. A line ends at a bucket that has no number.
 */
export type HistoryBucket = readonly [start: number, min: HistoryExtreme, max: HistoryExtreme, count: number]

const bucketSchema = Type.Unsafe<HistoryBucket>(
  Type.Array(Type.Union([extremeSchema, Type.Null()]), { minItems: 4, maxItems: 4 })
)

const beforeSchema = Type.Union(
  [
    Type.Object({
      state: Type.Literal('value'),
      time: taiSeconds('when it was sent'),
      value: Type.Union([extremeSchema, Type.Literal('NaN')])
    }),
    Type.Object({ state: Type.Literal('none', { description: 'nothing was ever sent before the window' }) }),
    Type.Object({
      state: Type.Literal('unknown', { description: 'it is older than what is held, or was not looked for' })
    })
  ],
  { description: 'the last value before the window' }
)

/** A sample that was set aside and may still be shown: stamps, its value, differences since [libs/time]. */
export type HistoryWaiting = readonly [source: number, received: number, value: HistoryExtreme, age: number]

const waitingSchema = Type.Unsafe<HistoryWaiting>(
  Type.Array(Type.Union([extremeSchema, Type.Null()]), { minItems: 4, maxItems: 4 })
)

const judgeSchema = Type.Object(
  {
    differences: Type.Array(Type.Number(), {
      description: 'source stamp minus time of receipt of the last samples, oldest first, seconds; at most 64'
    }),
    lastReceived: Type.Number({
      description: 'when the newest of them was received, TAI seconds; 0: there is none'
    }),
    shownUpTo: Type.Number({
      description:
        'time of the last sample that was not left out as it was judged, TAI seconds; 0: there is none'
    }),
    waiting: Type.Array(waitingSchema, {
      description:
        '[source stamp, time of receipt, value, differences since] of samples that are left out and belong into the line if the samples after them show that the clock has jumped'
    })
  },
  { description: 'what a live line needs to go on judging samples where this history ends' }
)

const clockSchema = Type.Object(
  {
    offset: Type.Number({
      description:
        'seconds by which the clock of the source was ahead at the end; taken off the times, each by what it was then. 0 where it is within 10 s'
    }),
    setAside: Type.Integer({
      description: 'samples that are left out, because their stamps are more than 10 s off that clock'
    }),
    judge: judgeSchema
  },
  { description: 'the clock of the source, by source stamps and times of receipt' }
)

/** Answer of `GET /api/history`. */
export const historySchema = Type.Object({
  topic: Type.String(),
  field: Type.String(),
  index: Type.Optional(Type.Integer({ description: 'element of the array, where one was asked for' })),
  from: taiSeconds('first instant'),
  to: taiSeconds('last instant'),
  buckets: Type.Array(bucketSchema, {
    description:
      '[start in TAI seconds, min, max, count] of each bucket that has values, oldest first. Infinities are "Infinity" and "-Infinity"; min and max are null where all values are NaN. A bucket that is absent had no values'
  }),
  before: beforeSchema,
  clock: clockSchema,
  interval: Type.Union([
    Type.Number({
      description:
        'usual seconds between two samples: of those that were read, else of the catalogue. An empty span of more than three of them is a gap'
    }),
    Type.Null({ description: 'events are sent on change, or too few samples were read' })
  ]),
  complete: Type.Boolean({
    description: 'false: work was cut short, what is older than readFrom is missing'
  }),
  readFrom: Type.Union([taiSeconds('the oldest value that was read'), Type.Null()]),
  heldFrom: Type.Union([
    taiSeconds('the oldest value that is still held: the record begins there'),
    Type.Null()
  ])
})

/** Query of `GET /api/history`, as texts. */
export type HistoryQueryTexts = Answer<typeof historyQuerySchema>

/** Answer of `GET /api/history`. */
export type HistoryAnswer = Answer<typeof historySchema>
