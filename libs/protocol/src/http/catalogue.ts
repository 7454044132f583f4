import { Type } from 'typebox'
import type { Answer } from './answer.ts'

/** Answer of `GET /api/catalogue`: the version, and of each component its name and whether it is indexed. */
export const catalogueSchema = Type.Object({
  version: Type.String(),
  components: Type.Array(Type.Object({ name: Type.String(), indexed: Type.Boolean() }))
})

const fieldSchema = Type.Object({
  name: Type.String(),
  type: Type.String({ description: 'boolean, string, float, double, or an integer such as int or long' }),
  count: Type.Integer({ description: 'more than 1: an array of this length' }),
  units: Type.String(),
  enumeration: Type.Optional(Type.String({ description: 'name of the enumeration of its values' })),
  tag: Type.Optional(Type.Boolean({ description: 'tells which of many devices a message is about' })),
  description: Type.Optional(Type.String())
})

const parametersSchema = Type.Record(
  Type.String(),
  Type.Union([Type.Boolean(), Type.Number(), Type.String()])
)

const topicProperties = {
  name: Type.String(),
  fields: Type.Array(fieldSchema),
  generic: Type.Optional(Type.Boolean({ description: 'every component has it' })),
  rateHz: Type.Optional(Type.Number({ description: 'nominal rate of a telemetry topic' })),
  keyFields: Type.Optional(
    Type.Array(Type.String(), { description: 'their values name the object that a message is about' })
  ),
  scriptIndexField: Type.Optional(Type.String()),
  description: Type.Optional(Type.String())
}

const topicSchema = Type.Object(topicProperties)

const commandSchema = Type.Object({
  ...topicProperties,
  stop: Type.Optional(
    Type.Object(
      { parameters: parametersSchema },
      { description: 'it ends motion or work: always sent, with these parameters where none are given' }
    )
  )
})

const topicsSchema = Type.Array(topicSchema)

const enumerationSchema = Type.Object({
  name: Type.String(),
  items: Type.Array(Type.Object({ name: Type.String(), value: Type.Union([Type.Number(), Type.String()]) })),
  bitmask: Type.Optional(Type.Boolean({ description: 'its values may be added up' }))
})

/** Answer of `GET /api/catalogue/{csc}`: commands, events, telemetry and enumerations of one component. */
export const componentSchema = Type.Object({
  name: Type.String(),
  indexed: Type.Boolean(),
  commands: Type.Array(commandSchema),
  events: topicsSchema,
  telemetry: topicsSchema,
  enumerations: Type.Array(enumerationSchema),
  description: Type.Optional(Type.String())
})

const siteComponentSchema = Type.Object({
  subsystem: Type.Optional(Type.String()),
  firstTopics: Type.Optional(Type.Array(Type.String())),
  firstFields: Type.Optional(Type.Array(Type.Array(Type.String()))),
  stops: Type.Optional(
    Type.Record(Type.String(), parametersSchema, {
      description: 'commands that end motion or work, with the parameters that one press sends'
    })
  ),
  unconfirmed: Type.Optional(
    Type.Array(Type.String(), { description: 'other commands that go out on one press' })
  )
})

/** Answer of `GET /api/site`: what a page must know of the site before it has heard anything. */
export const siteSchema = Type.Object({
  name: Type.String({ description: 'token of the site in every subject' }),
  observatory: Type.String({ description: 'name for people' }),
  location: Type.Optional(
    Type.Object({
      longitudeDeg: Type.Number(),
      latitudeDeg: Type.Number(),
      elevationM: Type.Number(),
      utcOffsetHours: Type.Optional(Type.Number())
    })
  ),
  instances: Type.Array(Type.Object({ csc: Type.String(), index: Type.Integer() })),
  subsystems: Type.Array(Type.String(), { description: 'headings of an overview, in their order' }),
  components: Type.Record(Type.String(), siteComponentSchema, {
    description: 'what a page needs to know of each component before it has heard of it'
  })
})

/** Answer of `GET /api/site`. */
export type SiteAnswer = Answer<typeof siteSchema>

/** What that answer tells of one component. */
export type SiteComponentAnswer = Answer<typeof siteComponentSchema>

/** Answer of `GET /api/catalogue`: the names. */
export type CatalogueAnswer = Answer<typeof catalogueSchema>

/** Answer of `GET /api/catalogue/{csc}`: all of one component. */
export type ComponentAnswer = Answer<typeof componentSchema>

/** A topic or a command, as that answer has it. */
export type TopicAnswer = Answer<typeof topicSchema>

/** A field or a parameter, as that answer has it. */
export type FieldAnswer = Answer<typeof fieldSchema>

/** An enumeration, as that answer has it. */
export type EnumerationAnswer = Answer<typeof enumerationSchema>
