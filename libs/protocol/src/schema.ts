/**
 * Shapes of wire objects as plain JSON Schema, the small part of it that they need. One table serves two
 * readers: `findProblem` below, which is small enough for a browser, and the api, which validates and
 * describes itself with it.
 */
export type ValueSchema = TextSchema | NumberSchema | BooleanSchema | ListSchema | ObjectSchema | UnionSchema

/** Text; `pattern` is a regular expression for the whole of it, `title` says it in words: "a name of …". */
export interface TextSchema {
  readonly type: 'string'
  readonly title?: string
  readonly pattern?: string
  readonly enum?: readonly string[]
  readonly minLength?: number
  readonly maxLength?: number
}

/** NaN and the infinities are no numbers here. */
export interface NumberSchema {
  readonly type: 'number' | 'integer'
  readonly enum?: readonly number[]
  readonly minimum?: number
  readonly exclusiveMinimum?: number
  readonly maximum?: number
}

/** Accepts true and false, and no word or number for them. */
export interface BooleanSchema {
  readonly type: 'boolean'
}

/** A list whose items are all of one shape, but for the first ones where `prefixItems` says so. */
export interface ListSchema {
  readonly type: 'array'
  readonly items?: ValueSchema
  readonly prefixItems?: readonly ValueSchema[]
  readonly minItems?: number
  readonly maxItems?: number
}

/**
 * Without `properties` any object. Properties that are not named may stand in it: any, those of one shape, or
 * none where that is false.
 */
export interface ObjectSchema {
  readonly type: 'object'
  readonly properties?: Readonly<Record<string, ValueSchema>>
  readonly required?: readonly string[]
  readonly additionalProperties?: boolean | ValueSchema
}

/** Schema of a value that fits at least one of several shapes. */
export interface UnionSchema {
  readonly anyOf: readonly ValueSchema[]
}

/** A JSON object whose properties nobody has checked. */
export type JsonObject = Readonly<Record<string, unknown>>

/**
 * Where a value departs from its shape, and what was expected there; for a property that is not known, the
 * names that are.
 */
export interface Problem {
  /** Path of the property, such as `principal.roles[0]`; empty for the value itself. */
  readonly property: string
  readonly expected: ValueSchema
  readonly got: unknown
}

/** The first place where `value` departs from its shape; undefined where it has it. */
export function findProblem(schema: ValueSchema, value: unknown): Problem | undefined {
  if (!isOfType(schema, value)) return { property: '', expected: schema, got: value }
  if ('anyOf' in schema) return undefined
  if (schema.type === 'object') return findInObject(schema, value as JsonObject)
  return schema.type === 'array' ? findInList(schema, value as readonly unknown[]) : undefined
}

/** True for an object with named properties: not null, no array, no bytes. */
export const isObject = (value: unknown): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value) && !ArrayBuffer.isView(value)

function findInList({ items, prefixItems }: ListSchema, value: readonly unknown[]): Problem | undefined {
  for (let i = 0; i < value.length; i++) {
    const inner = prefixItems?.[i] ?? items
    const problem = inner && findProblem(inner, value[i])
    if (problem !== undefined) return below(`[${i}]`, problem)
  }
  return undefined
}

function findInObject(schema: ObjectSchema, value: JsonObject): Problem | undefined {
  const { properties = NONE, required, additionalProperties } = schema
  for (const key in properties) {
    if (value[key] === undefined && !required?.includes(key)) continue
    const problem = findProblem(properties[key] as ValueSchema, value[key])
    if (problem !== undefined) return below(key, problem)
  }
  if (additionalProperties === undefined || additionalProperties === true) return undefined
  return findInAdditional(properties, additionalProperties, value)
}

/** In the properties that have no schema of their own: false allows none of them. */
function findInAdditional(
  properties: Readonly<Record<string, ValueSchema>>,
  additional: ValueSchema | false,
  value: JsonObject
): Problem | undefined {
  for (const key in value) {
    if (Object.hasOwn(properties, key)) continue
    const problem = additional ? findProblem(additional, value[key]) : unknownProperty(properties, value[key])
    if (problem !== undefined) return below(key, problem)
  }
  return undefined
}

const unknownProperty = (properties: object, got: unknown): Problem => ({
  property: '',
  expected: { type: 'string', enum: Object.keys(properties) },
  got
})

const NONE: Readonly<Record<string, ValueSchema>> = {}

/** The same problem as seen from one level up. The path is put together only here, for what is wrong. */
function below(at: string, problem: Problem): Problem {
  return { ...problem, property: joinPath(at, problem.property) }
}

/** The path of a value below a property or an element (`[2]`), such as `a[2].b`. */
export const joinPath = (at: string, rest: string): string =>
  at + (rest === '' || rest.startsWith('[') ? '' : '.') + rest

function isOfType(schema: ValueSchema, value: unknown): boolean {
  if ('anyOf' in schema) return schema.anyOf.some(one => findProblem(one, value) === undefined)
  switch (schema.type) {
    case 'string':
      return typeof value === 'string' && isText(schema, value)
    case 'number':
    case 'integer':
      return typeof value === 'number' && isNumber(schema, value)
    case 'boolean':
      return typeof value === 'boolean'
    case 'array':
      return Array.isArray(value) && isLength(value.length, schema)
    case 'object':
      return isObject(value)
  }
}

function isText({ pattern, enum: values, minLength, maxLength }: TextSchema, text: string): boolean {
  if (minLength !== undefined && text.length < minLength) return false
  if (maxLength !== undefined && text.length > maxLength) return false
  if (values !== undefined && !values.includes(text)) return false
  return pattern === undefined || expressionOf(pattern).test(text)
}

/** Patterns of schemas, of which there are as many as the code names. */
const expressions = new Map<string, RegExp>()

function expressionOf(pattern: string): RegExp {
  const known = expressions.get(pattern)
  if (known !== undefined) return known
  const expression = new RegExp(pattern)
  expressions.set(pattern, expression)
  return expression
}

function isNumber(schema: NumberSchema, value: number): boolean {
  const { type, enum: values, minimum, exclusiveMinimum, maximum } = schema
  if (type === 'integer' ? !Number.isSafeInteger(value) : !Number.isFinite(value)) return false
  if (minimum !== undefined && value < minimum) return false
  if (exclusiveMinimum !== undefined && value <= exclusiveMinimum) return false
  if (maximum !== undefined && value > maximum) return false
  return values === undefined || values.includes(value)
}

const isLength = (length: number, { minItems = 0, maxItems = length }: ListSchema): boolean =>
  length >= minItems && length <= maxItems
