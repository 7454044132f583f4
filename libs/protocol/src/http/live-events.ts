import { Type } from 'typebox'
import { FRAME_LIMITS } from '../live/client-frame-schemas.ts'
import { QUALITIES, RATES } from '../live/client-frames.ts'
import type { Answer } from './answer.ts'

/** What the lists of such a query may hold: as much as those of a `subscribe` frame. */
export const LIVE_EVENTS_LIMITS = {
  topics: { items: FRAME_LIMITS.patterns, characters: FRAME_LIMITS.patternLength },
  fields: { items: FRAME_LIMITS.fields, characters: FRAME_LIMITS.nameLength }
} as const

const list = (description: string, maxItems: number) => {
  const text = Type.String({ minLength: 1, description })
  return Type.Union([text, Type.Array(text, { minItems: 1, maxItems })], {
    description: `${description}; may be repeated; ${maxItems} at most`
  })
}

const oneOf = <T extends string>(values: readonly T[], unit?: string) => {
  const description = `one of ${values.join(', ')}${unit === undefined ? '' : ` ${unit}`}`
  // A refusal names the values by itself, but for their unit.
  const title = unit === undefined ? {} : { title: description }
  return Type.Optional(Type.Unsafe<T>({ type: 'string', enum: values, description, ...title }))
}

/** Query of `GET /live/events`: the members of a `subscribe` frame, the same for all of its patterns. */
export const liveEventsQuerySchema = Type.Object(
  {
    topics: list(
      'patterns, separated by commas, such as evt.summit.MTMount.>',
      LIVE_EVENTS_LIMITS.topics.items
    ),
    quality: oneOf(QUALITIES),
    rate: oneOf(RATES.map(String), 'per second'),
    fields: Type.Optional(list('names of fields, separated by commas', LIVE_EVENTS_LIMITS.fields.items)),
    cursor: Type.Optional(
      Type.String({ maxLength: FRAME_LIMITS.cursorLength, description: 'id of the last event that was read' })
    )
  },
  { additionalProperties: false }
)

/** Query of `GET /live/events`, as texts. */
export type LiveEventsQueryTexts = Answer<typeof liveEventsQuerySchema>
