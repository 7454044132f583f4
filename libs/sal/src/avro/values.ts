import type { AvroBytes } from './avro-bytes.ts'
import type { AvroType } from './schema.ts'

/** Moves past one value of a message and gives it. */
export type Read = (from: AvroBytes) => unknown

/** How a value of each type is read. */
export const reads: Readonly<Record<AvroType, Read>> = {
  boolean: from => from.boolean(),
  int: from => from.integer(),
  long: from => from.integer(),
  float: from => from.float(),
  double: from => from.double(),
  string: from => from.string()
}

/** Bytes of a value, where all values of a type take the same. */
const sizes: Readonly<Partial<Record<AvroType, number>>> = { boolean: 1, float: 4, double: 8 }

/** Moves past `count` values of a type. */
export function skip(from: AvroBytes, type: AvroType, count: number): void {
  const size = sizes[type]
  if (size !== undefined) from.take(size * count)
  else for (let i = 0; i < count; i++) skipOne(from, type)
}

function skipOne(from: AvroBytes, type: AvroType): void {
  if (type === 'string') from.take(from.size())
  else from.integer()
}
