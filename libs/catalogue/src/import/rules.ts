import { readFileSync } from 'node:fs'
import { basename } from 'node:path'
import { type Static, Type } from 'typebox'
import { Value } from 'typebox/value'
import { parseDocument } from 'yaml'
import type { Problems } from './problems.ts'

const values = Type.Record(Type.String(), Type.Union([Type.Integer(), Type.String()]))

const overridesSchema = Type.Object(
  {
    /** Corrections of enumerations that interface files declare, by `CSC.Class`. */
    enumerations: Type.Record(
      Type.String({ pattern: '^\\w+\\.\\w+$' }),
      Type.Object(
        {
          countFrom: Type.Optional(Type.Integer()),
          values: Type.Optional(values),
          add: Type.Optional(values),
          bitmask: Type.Optional(Type.Boolean())
        },
        { additionalProperties: false }
      )
    ),
    /** Enumerations that are added to every component. */
    shared: Type.Record(Type.String({ pattern: '^\\w+$' }), values),
    /**
     * Enumeration class by `CSC.kind.topic.field`, each part may be `*`; `none` for a field that only looks
     * like an enumeration.
     */
    links: Type.Record(
      Type.String({ pattern: '^[\\w*]+\\.(command|event|telemetry|ackcmd|\\*)\\.[\\w*]+\\.[\\w*]+$' }),
      Type.String()
    ),
    /**
     * Key fields by `CSC.kind.topic`, each part may be `*`. A rule with `*` skips topics that lack one of the
     * fields.
     */
    keys: Type.Record(
      Type.String({ pattern: '^[\\w*]+\\.(event|telemetry)\\.[\\w*]+$' }),
      Type.Array(Type.String(), { minItems: 1 })
    ),
    /** The key field that holds a Script's SAL index, by `CSC.event.topic`. */
    scriptIndex: Type.Record(Type.String({ pattern: '^\\w+\\.event\\.\\w+$' }), Type.String({ minLength: 1 }))
  },
  { additionalProperties: false }
)

const names = Type.Array(Type.String(), { minItems: 1 })

const displaySchema = Type.Object(
  {
    /** Components by the heading under which they stand in an overview. */
    subsystems: Type.Record(Type.String(), names),
    /** Topics that come first on the page of a component, in this order. */
    firstTopics: Type.Record(Type.String({ pattern: '^\\w+$' }), names),
    /**
     * Candidates for the first plot of a component, as `topic.field`; the first line that has data is shown.
     */
    firstFields: Type.Record(Type.String({ pattern: '^\\w+$' }), Type.Array(names, { minItems: 1 }))
  },
  { additionalProperties: false }
)

const rate = Type.Number({ minimum: 0 })

const ratesSchema = Type.Object(
  {
    /** Messages per second of a telemetry topic that has no rate of its own below. */
    default: rate,
    /** Rates of events that are published periodically, in every component that has them. */
    events: Type.Record(Type.String({ pattern: '^\\w+$' }), rate),
    components: Type.Record(
      Type.String({ pattern: '^\\w+$' }),
      Type.Object(
        {
          default: Type.Optional(rate),
          topics: Type.Optional(Type.Record(Type.String({ pattern: '^\\w+$' }), rate)),
          events: Type.Optional(Type.Record(Type.String({ pattern: '^\\w+$' }), rate)),
          instances: Type.Optional(
            Type.Record(Type.String({ pattern: '^(default|[0-9]+)$' }), Type.Array(Type.String()))
          )
        },
        { additionalProperties: false }
      )
    )
  },
  { additionalProperties: false }
)

/** Additions and corrections to the interface files: `facts/overrides.yaml`. */
export type Overrides = Static<typeof overridesSchema>
/** Nominal rates in messages per second: `facts/rates.yaml`. */
export type Rates = Static<typeof ratesSchema>

/** What a page shows first: `facts/display.yaml`. */
type DisplayRules = Static<typeof displaySchema>

/** The rules of an import, one property per file of rules. */
export interface Rules {
  readonly overrides: Overrides
  readonly rates: Rates
  readonly display: DisplayRules
}

const NOTHING: Rules = {
  overrides: { enumerations: {}, shared: {}, links: {}, keys: {}, scriptIndex: {} },
  rates: { default: 0, events: {}, components: {} },
  display: { subsystems: {}, firstTopics: {}, firstFields: {} }
}

/** Loads the rules that this package ships; an unusable file is reported in `problems`. */
export function readRules(problems: Problems): Rules {
  return {
    overrides:
      read(new URL('../../facts/overrides.yaml', import.meta.url), overridesSchema, problems) ??
      NOTHING.overrides,
    rates: read(new URL('../../facts/rates.yaml', import.meta.url), ratesSchema, problems) ?? NOTHING.rates,
    display:
      read(new URL('../../facts/display.yaml', import.meta.url), displaySchema, problems) ?? NOTHING.display
  }
}

function read<T extends Type.TSchema>(path: URL, schema: T, problems: Problems): Static<T> | undefined {
  const file = basename(path.pathname)
  const refuse = (element: string, message: string): undefined => {
    problems.add({ code: 'CAT_BAD_RULE', file, element, message })
    return undefined
  }
  const document = parseDocument(readFileSync(path, 'utf8'))
  const [broken] = document.errors
  if (broken !== undefined) return refuse('', broken.message.split('\n')[0] ?? '')
  const value: unknown = document.toJS()
  if (Value.Check(schema, value)) return value
  const [fault] = Value.Errors(schema, value)
  return refuse(fault?.instancePath ?? '', fault?.message ?? 'not of the right form')
}

/** Whether a dotted pattern, whose parts may be `*`, matches a dotted name. */
export function fits(pattern: string, name: string): boolean {
  const parts = name.split('.')
  const wanted = pattern.split('.')
  return wanted.length === parts.length && wanted.every((part, at) => part === '*' || part === parts[at])
}
