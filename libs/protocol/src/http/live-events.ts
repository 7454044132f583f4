import { Type } from 'typebox'
import { FRAME_LIMITS } from '../live/client-frame-schemas.ts'
import type { Answer } from './answer.ts'

const list = (description: string) => {
  const text = Type.String({ minLength: 1, description })
  return Type.Union([text, Type.Array(text, { minItems: 1, maxItems: FRAME_LIMITS.patterns })])
}

/** Query of `GET /live/events`: the members of a `subscribe` frame, the same for all of its patterns. */
export const liveEventsQuerySchema = Type.Object(
  {
    topics: list('patterns, separated by commas, such as evt.summit.MTMount.>'),
    quality: Type.Optional(Type.String({ description: 'all, latest or minmax' })),
    rate: Type.Optional(Type.String({ description: 'a number of messages per second' })),
    fields: Type.Optional(list('names of fields, separated by commas')),
    cursor: Type.Optional(
      Type.String({ maxLength: FRAME_LIMITS.cursorLength, description: 'id of the last event that was read' })
    )
  },
  { additionalProperties: false }
)

/** Query of `GET /live/events`, as texts. */
export type LiveEventsQueryTexts = Answer<typeof liveEventsQuerySchema>
