/**
 * Shapes of wire objects as plain JSON Schema, the small part of it that they need. One table serves two readers: `findProblem` below, which
 * is small enough for a browser, and the api, which validates and describes itself with it.
 */
export type ValueSchema = TextSchema | NumberSchema | BooleanSchema | ListSchema | ObjectSchema

/** Text; `pattern` is a regular expression for the whole of it. */
export interface TextSchema {
  readonly type: 'string'
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

/** True or false. */
export interface BooleanSchema {
  readonly type: 'boolean'
}

/** A list whose items are all of one shape. */
export interface ListSchema {
  readonly type: 'array'
  readonly items: ValueSchema
  readonly minItems?: number
  readonly maxItems?: number
}

/** Without `properties` any object. Properties that are not named may stand in it unless `additionalProperties` is false. */
export interface ObjectSchema {
  readonly type: 'object'
  readonly properties?: Readonly<Record<string, ValueSchema>>
  readonly required?: readonly string[]
  readonly additionalProperties?: boolean
}

/** Any JSON object. */
export type JsonObject = Readonly<Record<string, unknown>>

/** Where a value departs from its shape, and what was expected there; for a property that is not known, the names that are. */
export interface Problem {
  /** Path of the property, such as `principal.roles[0]`; empty for the value itself. */
  readonly property: string
  readonly expected: ValueSchema
  readonly got: unknown
}

/** The first place where `value` departs from its shape; undefined where it has it. */
export function findProblem(schema: ValueSchema, value: unknown, property = ''): Problem | undefined {
  if (!isOfType(schema, value)) return { property, expected: schema, got: value }
  if (schema.type === 'array')
    return findFirst(value as readonly unknown[], (item, i) =>
      findProblem(schema.items, item, `${property}[${i}]`)
    )
  return schema.type === 'object' ? findInObject(schema, value as JsonObject, property) : undefined
}

/** True for an object with named properties: not null, no array, no bytes. */
export const isObject = (value: unknown): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value) && !ArrayBuffer.isView(value)

function findInObject(schema: ObjectSchema, value: JsonObject, property: string): Problem | undefined {
  const { properties = {}, required = [], additionalProperties } = schema
  const at = (key: string): string => (property === '' ? key : `${property}.${key}`)
  const stranger =
    additionalProperties === false && Object.keys(value).find(key => !Object.hasOwn(properties, key))
  if (typeof stranger === 'string')
    return {
      property: at(stranger),
      expected: { type: 'string', enum: Object.keys(properties) },
      got: value[stranger]
    }
  return findFirst(Object.keys(properties), key => {
    const inner = value[key]
    if (inner === undefined && !required.includes(key)) return undefined
    return findProblem(properties[key] as ValueSchema, inner, at(key))
  })
}

function findFirst<T>(
  items: readonly T[],
  find: (item: T, i: number) => Problem | undefined
): Problem | undefined {
  for (const [i, item] of items.entries()) {
    const problem = find(item, i)
    if (problem !== undefined) return problem
  }
  return undefined
}

function isOfType(schema: ValueSchema, value: unknown): boolean {
  switch (schema.type) {
    case 'string':
      return typeof value === 'string' && isText(schema, value)
    case 'number':
    case 'integer':
      return typeof value === 'number' && isNumber(schema, value)
    case 'boolean':
      return typeof value === 'boolean'
    case 'array':
      return Array.isArray(value) && isWithin(value.length, schema.minItems, schema.maxItems)
    case 'object':
      return isObject(value)
  }
}

const isText = ({ pattern, enum: values, minLength, maxLength }: TextSchema, text: string): boolean =>
  isWithin(text.length, minLength, maxLength) &&
  (values?.includes(text) ?? true) &&
  (pattern === undefined || new RegExp(pattern).test(text))

const isNumber = (schema: NumberSchema, value: number): boolean =>
  (schema.type === 'integer' ? Number.isSafeInteger(value) : Number.isFinite(value)) &&
  isWithin(value, schema.minimum, schema.maximum) &&
  (schema.exclusiveMinimum === undefined || value > schema.exclusiveMinimum) &&
  (schema.enum?.includes(value) ?? true)

const isWithin = (
  value: number,
  least = Number.NEGATIVE_INFINITY,
  most = Number.POSITIVE_INFINITY
): boolean => value >= least && value <= most
