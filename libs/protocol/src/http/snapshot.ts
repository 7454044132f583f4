import { Type } from 'typebox'
import { FRAME_LIMITS } from '../live/client-frame-schemas.ts'
import type { Answer } from './answer.ts'
import { taiSeconds } from './tai-seconds.ts'

/** Patterns that one snapshot is asked for; topics, and bytes of their samples, that it has at most. */
export const SNAPSHOT_LIMITS = {
  patterns: { items: 64, characters: FRAME_LIMITS.patternLength },
  topics: 5_000,
  bytes: 32 << 20
} as const

const text = Type.String({
  minLength: 1,
  maxLength: 16_384,
  description: 'patterns, separated by commas, such as evt.summit.MTMount.0.>'
})

/** Query of `GET /api/snapshot`. */
export const snapshotQuerySchema = Type.Object(
  {
    topics: Type.Union([text, Type.Array(text, { minItems: 1, maxItems: SNAPSHOT_LIMITS.patterns.items })], {
      description: `patterns of telemetry, heartbeats, events or scripts, separated by commas; may be repeated; ${SNAPSHOT_LIMITS.patterns.items} at most`
    }),
    at: Type.Optional(
      Type.String({ maxLength: 40, description: 'TAI seconds or ISO time in UTC; default: now' })
    )
  },
  { additionalProperties: false }
)

const topicSchema = Type.Union([
  Type.Object({
    subject: Type.String(),
    state: Type.Literal('value'),
    time: taiSeconds('when the source says that it sent it'),
    received: taiSeconds('when it was received'),
    fields: Type.Record(Type.String(), Type.Unknown(), {
      description: 'NaN and infinities as texts, integers beyond 2^53 too'
    })
  }),
  Type.Object({
    subject: Type.String(),
    state: Type.Literal('none', { description: 'nothing was stored by then' })
  }),
  Type.Object({
    subject: Type.String(),
    state: Type.Literal('unknown', { description: 'what was stored by then is not held any more' })
  })
])

/** Answer of `GET /api/snapshot`. */
export const snapshotSchema = Type.Object({
  at: taiSeconds('the moment'),
  topics: Type.Array(topicSchema, {
    description: 'those under the patterns of which something is held, and those named in full; by subject'
  })
})

/** Query of `GET /api/snapshot`, as texts. */
export type SnapshotQueryTexts = Answer<typeof snapshotQuerySchema>

/** One topic of a snapshot. */
export type SnapshotTopic = Answer<typeof topicSchema>

/** Answer of `GET /api/snapshot`. */
export type SnapshotAnswer = Answer<typeof snapshotSchema>
