import { instanceIndex as number31 } from '../commands/values.ts'
import { objectSchema, type PropertiesOf } from '../object-schema.ts'
import type { ListSchema, ObjectSchema, TextSchema } from '../schema.ts'
import {
  type ClientFrame,
  type PatternRequest,
  QUALITIES,
  RATES,
  type SubscriptionRequest
} from './client-frames.ts'
import { commandRequestSchema } from './command-request.ts'

/** Bounds on one frame. The number of subscriptions is bounded again per connection. */
export const FRAME_LIMITS = {
  subscriptions: 64,
  patterns: 1000,
  patternLength: 256,
  fields: 256,
  nameLength: 120,
  cursorLength: 2048,
  tokenLength: 4096
} as const

const textUpTo = (maxLength: number): TextSchema => ({ type: 'string', minLength: 1, maxLength })

/** A shape in which an unknown key is refused, so that a misspelt one is noticed. */
const strict = <T extends object>(properties: PropertiesOf<T>): ObjectSchema =>
  objectSchema<T>(properties, { additionalProperties: false })

const patternSchema = strict<PatternRequest>({
  required: { pattern: textUpTo(FRAME_LIMITS.patternLength) },
  optional: {
    quality: { type: 'string', enum: QUALITIES },
    rate: { type: 'number', enum: RATES },
    fields: { type: 'array', items: textUpTo(FRAME_LIMITS.nameLength), maxItems: FRAME_LIMITS.fields }
  }
})

const patterns: ListSchema = {
  type: 'array',
  items: patternSchema,
  minItems: 1,
  maxItems: FRAME_LIMITS.patterns
}

type FrameOf<O extends ClientFrame['op']> = Extract<ClientFrame, { op: O }>
const op = <O extends ClientFrame['op']>(name: O): TextSchema => ({ type: 'string', enum: [name] })

/** Checks each frame of a client, by its `op`: an operation that is not here does not exist. */
export const clientFrameSchemas: { readonly [O in ClientFrame['op']]: ObjectSchema } = {
  subscribe: strict<FrameOf<'subscribe'>>({
    required: { op: op('subscribe'), id: number31, patterns },
    optional: {}
  }),
  unsubscribe: strict<FrameOf<'unsubscribe'>>({
    required: { op: op('unsubscribe'), id: number31 },
    optional: {}
  }),
  resume: strict<FrameOf<'resume'>>({
    required: {
      op: op('resume'),
      cursor: textUpTo(FRAME_LIMITS.cursorLength),
      subscriptions: {
        type: 'array',
        items: strict<SubscriptionRequest>({ required: { id: number31, patterns }, optional: {} }),
        maxItems: FRAME_LIMITS.subscriptions
      }
    },
    optional: {}
  }),
  command: commandRequestSchema,
  authenticate: strict<FrameOf<'authenticate'>>({
    required: { op: op('authenticate'), id: number31, token: textUpTo(FRAME_LIMITS.tokenLength) },
    optional: {}
  }),
  ping: strict<FrameOf<'ping'>>({ required: { op: op('ping'), id: number31 }, optional: {} })
}
