import { type Static, Type } from 'typebox'
import { deploySchema, deployWords, profilesSchema } from './deploy-section.ts'

const SITE_NAME = '^[A-Za-z0-9_-]{1,50}$'
const PART_NAME = '^[a-z0-9-]{1,50}$'

/** What the patterns of the schema ask for, in words. */
export const patternWords: Readonly<Record<string, string>> = {
  [SITE_NAME]: "1 to 50 letters, digits, '-' or '_'",
  [PART_NAME]: "1 to 50 small letters, digits or '-'",
  ...deployWords
}

const closed = { additionalProperties: false } as const
const names = Type.Array(Type.String({ minLength: 1 }))

/** The place of a site on Earth. */
export const locationSchema = Type.Object(
  {
    longitudeDeg: Type.Number({ minimum: -180, maximum: 180, description: 'degrees east' }),
    latitudeDeg: Type.Number({ minimum: -90, maximum: 90, description: 'degrees north' }),
    elevationM: Type.Number({ minimum: -500, maximum: 9000, description: 'metres above the sea' }),
    utcOffsetHours: Type.Optional(
      Type.Number({ minimum: -12, maximum: 14, description: 'local time minus UTC; default: 0' })
    )
  },
  closed
)

const componentSchema = Type.Object(
  {
    subsystem: Type.Optional(Type.String()),
    firstTopics: Type.Optional(names),
    firstFields: Type.Optional(Type.Array(names)),
    stops: Type.Optional(names)
  },
  closed
)

const partSchema = Type.Object(
  {
    name: Type.String({ pattern: PART_NAME }),
    telemetry: Type.Optional(names),
    events: Type.Optional(names)
  },
  closed
)

const parameter = Type.Union([Type.Boolean(), Type.Number(), Type.String()])

const commandsSchema = Type.Object(
  {
    stops: Type.Optional(Type.Record(Type.String(), Type.Record(Type.String(), parameter))),
    unconfirmed: Type.Optional(names)
  },
  closed
)

const roleSchema = Type.Object(
  {
    read: Type.Optional(Type.Array(Type.String({ minLength: 1 }), { maxItems: 100 })),
    command: Type.Optional(Type.Array(Type.String({ minLength: 1 }), { maxItems: 1_000 })),
    users: Type.Optional(Type.Boolean({ description: 'whether users may be managed; default: no' })),
    groups: Type.Optional(
      Type.Array(Type.String({ minLength: 1, maxLength: 256 }), {
        maxItems: 100,
        description: 'groups of the OpenID provider whose members have this role; default: none'
      })
    )
  },
  closed
)

/**
 * JSON Schema of a site file. Each property is a section; `name` and `instances` must stand in the file
 * itself or in the one it extends.
 */
export const siteFileSchema = Type.Object(
  {
    extends: Type.Optional(
      Type.String({
        minLength: 1,
        description: 'another file, from this one, whose sections count where this one has none'
      })
    ),
    name: Type.Optional(
      Type.String({ pattern: SITE_NAME, description: 'token of the site in every subject' })
    ),
    observatory: Type.Optional(
      Type.String({ minLength: 1, description: 'name for people; default: `name`' })
    ),
    location: Type.Optional(locationSchema),
    instances: Type.Optional(
      Type.Record(Type.String(), Type.Array(Type.Integer(), { minItems: 1 }), {
        minProperties: 1,
        description: 'indices by component; [0] for a component that is not indexed'
      })
    ),
    components: Type.Optional(
      Type.Record(Type.String(), componentSchema, {
        description:
          "home-made components, and what pages show first of others where it differs from the catalogue's"
      })
    ),
    parts: Type.Optional(
      Type.Record(Type.String(), Type.Array(partSchema, { minItems: 1 }), {
        description: 'how several producers share the topics of one instance, by `CSC:index`'
      })
    ),
    ownProducer: Type.Optional(
      Type.Array(Type.String(), {
        description: 'instances that get a producer process of their own from `npm start`'
      })
    ),
    profiles: Type.Optional(profilesSchema),
    deploy: Type.Optional(deploySchema),
    commands: Type.Optional(commandsSchema),
    roles: Type.Optional(
      Type.Record(Type.String(), roleSchema, {
        description: 'what may be read and commanded, by role'
      })
    ),
    subsystems: Type.Optional(
      Type.Array(Type.String({ minLength: 1 }), { description: 'headings of an overview, in their order' })
    )
  },
  closed
)

/** The sections of a site file as they stand in it; a section that is missing may come from what it extends. */
export type SiteFile = Static<typeof siteFileSchema>

/** A site file together with what it extends: all that a site is made from. */
export interface MergedSiteFile extends Omit<SiteFile, 'extends'> {
  readonly name: string
  readonly instances: NonNullable<SiteFile['instances']>
}
