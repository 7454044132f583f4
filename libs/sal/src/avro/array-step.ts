import { type ByteWriter, putArrayHead, putOfType, type SalType } from '@meridian/msgpack'
import { type AvroBytes, refuse } from './avro-bytes.ts'
import type { AvroType } from './schema.ts'
import type { ValueStep } from './value-step.ts'
import { reads, skip } from './values.ts'

/** Puts so many values and gives the position after them; -1 where one contradicts its type. */
type PutBlock = (from: AvroBytes, to: ByteWriter, at: number, count: number) => number

/**
 * Calls `take` for each block of an array, with its number of values, past which it must move
 * [docs/sal.md#avro].
 */
export function eachBlock(from: AvroBytes, take: (count: number) => void): void {
  for (;;) {
    const count = Number(from.integer())
    if (count === 0) return
    // A negative number has the size of the block in bytes behind it.
    if (count < 0) from.size()
    if (Math.abs(count) > from.left()) refuse('it is cut short')
    take(Math.abs(count))
  }
}

/** An array of exactly `count` values; of as many as there are where that is undefined. */
export function arrayStep(type: AvroType, wanted: SalType, count: number | undefined): ValueStep {
  const putBlock = putBlockOf(type, wanted)
  return (from, to, at) => {
    let left = count ?? countOf(from, type)
    let end = putArrayHead(to.bytes, at, left)
    eachBlock(from, many => {
      left -= many
      if (end < 0 || left < 0) skip(from, type, many)
      else end = putBlock(from, to, end, many)
    })
    return left === 0 ? end : -1
  }
}

/** How many values an array has; the message stands where it stood. */
function countOf(from: AvroBytes, type: AvroType): number {
  const { at } = from
  let count = 0
  eachBlock(from, many => {
    count += many
    skip(from, type, many)
  })
  from.at = at
  return count
}

function putBlockOf(type: AvroType, wanted: SalType): PutBlock {
  if (type === 'double' && wanted === 'double') return putDoubles
  if (type === 'float' && wanted === 'float') return putFloats
  const read = reads[type]
  const put = putOfType[wanted]
  return (from, to, at, count) => {
    let end = at
    for (let i = 0; i < count; i++) {
      const value = read(from)
      if (end >= 0) end = put(to, end, value)
    }
    return end
  }
}

/** Most of the bytes of an observatory pass here and in `putFloats`. */
function putDoubles(from: AvroBytes, { bytes, view }: ByteWriter, at: number, count: number): number {
  const source = from.view
  let read = from.take(8 * count)
  let end = at
  for (let i = 0; i < count; i++, read += 8, end += 9) {
    bytes[end] = 0xcb
    view.setFloat64(end + 1, source.getFloat64(read, true))
  }
  return end
}

function putFloats(from: AvroBytes, { bytes, view }: ByteWriter, at: number, count: number): number {
  const source = from.view
  let read = from.take(4 * count)
  let end = at
  for (let i = 0; i < count; i++, read += 4, end += 5) {
    bytes[end] = 0xca
    view.setUint32(end + 1, source.getUint32(read, true))
  }
  return end
}
