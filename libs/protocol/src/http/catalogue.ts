import { Type } from 'typebox'

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
    keyFields: Type.Optional(Type.Array(Type.String()))
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

/** Answer of `GET /api/site`. */
export const siteSchema = Type.Object({
  name: Type.String(),
  instances: Type.Array(Type.Object({ csc: Type.String(), index: Type.Integer() }))
})
