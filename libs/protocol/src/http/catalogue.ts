import { type Static, Type } from 'typebox'

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
    keyFields: Type.Optional(Type.Array(Type.String())),
    scriptIndexField: Type.Optional(Type.String())
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

const siteComponentSchema = Type.Object({
  subsystem: Type.Optional(Type.String()),
  firstTopics: Type.Optional(Type.Array(Type.String())),
  firstFields: Type.Optional(Type.Array(Type.Array(Type.String()))),
  stops: Type.Optional(
    Type.Record(
      Type.String(),
      Type.Record(Type.String(), Type.Union([Type.Boolean(), Type.Number(), Type.String()])),
      { description: 'commands that end motion or work, with the parameters that one press sends' }
    )
  ),
  unconfirmed: Type.Optional(
    Type.Array(Type.String(), { description: 'other commands that go out on one press' })
  )
})

/** Answer of `GET /api/site`. */
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
export type SiteAnswer = Static<typeof siteSchema>

/** What that answer tells of one component. */
export type SiteComponentAnswer = Static<typeof siteComponentSchema>
