import type { Field, Topic } from '@meridian/catalogue'
import type { Fields } from '@meridian/msgpack'

/** A value for each field of a topic, of its type and length; a text is the name of its field. */
export const randomValuesOf = ({ fields }: Topic): Fields =>
  Object.fromEntries(fields.map(field => [field.name, randomOf(field)]))

function randomOf({ type, count, name }: Field): unknown {
  if (type === 'string') return name
  const one = (): unknown => {
    if (type === 'boolean') return Math.random() < 0.5
    return type === 'float' || type === 'double' ? Math.random() * 100 : Math.floor(Math.random() * 100)
  }
  return count === 1 ? one() : Array.from({ length: count }, one)
}
