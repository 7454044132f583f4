import { Type } from 'typebox'
import type { ObjectSchema } from '../schema.ts'

/** A shape of `T` with a sentence for some of its properties, as the api describes itself with it. */
export function described<T extends object>(
  schema: ObjectSchema,
  sentences: { readonly [K in keyof T]?: string }
): ReturnType<typeof Type.Unsafe<T>> {
  const entries = Object.entries(schema.properties ?? {}).map(([name, property]) => {
    const description = sentences[name as keyof T]
    return [name, description === undefined ? property : { ...property, description }]
  })
  return Type.Unsafe<T>({ ...schema, properties: Object.fromEntries(entries) })
}
