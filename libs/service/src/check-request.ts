import { didYouMean } from '@meridian/errors'
import type { FastifySchemaCompiler, FastifyServerOptions } from 'fastify'
import { Check } from 'typebox/schema'
import { badParameter, cameAs, type RequestPart } from './bad-request.ts'

/** The part of JSON Schema by which parameters of requests are described. */
interface ValueSchema {
  readonly type?: string
  readonly title?: string
  readonly description?: string
  readonly maxLength?: number
  readonly maxItems?: number
  readonly items?: ValueSchema
  readonly enum?: readonly unknown[]
  readonly anyOf?: readonly ValueSchema[]
}

interface PartSchema {
  readonly properties?: Readonly<Record<string, ValueSchema>>
  readonly required?: readonly string[]
  readonly additionalProperties?: boolean
}

type Compilers = NonNullable<NonNullable<FastifyServerOptions['schemaController']>['compilersFactory']>

/**
 * Fastify's compilers: requests are checked by TypeBox as they came, nothing is converted or removed, and what is
 * wrong is refused with NET_BAD_REQUEST, in one sentence that names the parameter, what came and what was
 * expected. Answers are plain JSON. With these Fastify does not load Ajv, which every process would pay for
 * at its start [docs/benchmarks.md#a-start-b14].
 */
export const schemaCompilers = {
  buildValidator: () => compileCheck,
  buildSerializer: () => () => (value: unknown) => JSON.stringify(value)
  // Fastify's types know no builder but its own, though any compiler of its will do.
} as unknown as Compilers

const compileCheck: FastifySchemaCompiler<PartSchema> = ({ schema, httpPart }) => {
  const part = (httpPart ?? 'body') as RequestPart
  return value => (Check(schema, value) ? { value } : { error: problemOf(schema, part, value ?? {}) })
}

/** The first thing that is wrong with a part of a request. */
function problemOf(schema: PartSchema, part: RequestPart, value: unknown): Error {
  const { properties = {}, required = [] } = schema
  if (typeof value !== 'object')
    return badParameter({ part, name: part, came: cameAs(value), expected: 'an object' })
  const given = value as Readonly<Record<string, unknown>>
  const names = Object.keys(properties)
  const stranger = Object.keys(given).find(name => !Object.hasOwn(properties, name))
  if (stranger !== undefined && schema.additionalProperties === false)
    return unknownParameter(part, stranger, names)
  const name = names.find(
    one => (required.includes(one) || given[one] !== undefined) && !Check(properties[one] ?? {}, given[one])
  )
  if (name === undefined)
    return badParameter({ part, name: part, came: cameAs(value), expected: 'an object' })
  return badParameter({ part, name, ...departureOf(part, properties[name] ?? {}, given[name]) })
}

function unknownParameter(part: RequestPart, name: string, names: readonly string[]): Error {
  const expected = names.length === 0 ? 'no parameters' : `one of ${names.join(', ')}`
  return badParameter({ part, name, came: 'is not known', expected: `${expected}${didYouMean(name, names)}` })
}

interface Departure {
  readonly came: string
  readonly expected: string
}

/** How a value departs from its schema: too often, too long, or simply of another form. */
function departureOf(part: RequestPart, schema: ValueSchema, value: unknown): Departure {
  const forms = schema.anyOf ?? [schema]
  const text = forms.find(({ type }) => type === 'string') ?? schema
  const { maxLength = Number.POSITIVE_INFINITY } = text
  const expected = expectedOf(text, value)
  if (Array.isArray(value)) return listDeparture(part, forms, value) ?? { came: listOf(value), expected }
  if (typeof value === 'string' && value.length > maxLength)
    return { came: `has ${value.length} characters`, expected: `at most ${maxLength}` }
  return { came: cameAs(value), expected }
}

/** What a person should write: as the schema's title says it, else which values may come, else its description. */
function expectedOf({ title, description = 'text', enum: values }: ValueSchema, value: unknown): string {
  if (title !== undefined || values === undefined) return title ?? description
  const meant = typeof value === 'string' ? didYouMean(value, values.map(String)) : ''
  return `one of ${values.join(', ')}${meant}`
}

/** In a query a list is a parameter that came several times; undefined for a list in a body where none may be. */
function listDeparture(
  part: RequestPart,
  forms: readonly ValueSchema[],
  values: readonly unknown[]
): Departure | undefined {
  const { items, maxItems = 1 } = forms.find(({ type }) => type === 'array') ?? {}
  const isBody = part === 'body'
  if (items !== undefined && values.length <= maxItems)
    return departureOf(
      part,
      items,
      values.find(value => !Check(items, value))
    )
  if (!isBody)
    return { came: cameAs(values), expected: maxItems === 1 ? 'once' : `at most ${maxItems} times` }
  return items === undefined ? undefined : { came: listOf(values), expected: `at most ${maxItems}` }
}

const listOf = ({ length }: readonly unknown[]): string => `is a list of ${length}`
