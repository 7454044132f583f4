import type { BooleanSchema, NumberSchema, ObjectSchema, TextSchema, ValueSchema } from './schema.ts'

type Optional<T> = { [K in keyof T]-?: object extends Pick<T, K> ? K : never }[keyof T]
type SchemaFor<V> = [V] extends [string]
  ? TextSchema
  : [V] extends [number]
    ? NumberSchema
    : [V] extends [boolean]
      ? BooleanSchema
      : ValueSchema

/**
 * The properties of `T`: a table that lacks one, has one too many, or takes an optional one for required does
 * not compile.
 */
export interface PropertiesOf<T> {
  readonly required: { readonly [K in Exclude<keyof T, Optional<T>>]: SchemaFor<T[K]> }
  readonly optional: { readonly [K in Optional<T>]: SchemaFor<Exclude<T[K], undefined>> }
}

type Options = Pick<ObjectSchema, 'additionalProperties'>
type Properties = Readonly<Record<string, ValueSchema>>

/** An object of some properties, for a shape that no type holds. Marked as below. */
/* @__NO_SIDE_EFFECTS__ */
export const shapeOf = (
  required: Properties,
  optional: Properties = {},
  options: Options = {}
): ObjectSchema => ({
  type: 'object',
  required: Object.keys(required),
  properties: { ...required, ...optional },
  ...options
})

/**
 * The shape of `T`; `additionalProperties: false` refuses what is not named. The mark lets a bundler leave
 * out shapes that a page does not use.
 */
/* @__NO_SIDE_EFFECTS__ */
export const objectSchema = <T extends object>(
  { required, optional }: PropertiesOf<T>,
  options?: Options
): ObjectSchema => shapeOf(required as Properties, optional as Properties, options)
