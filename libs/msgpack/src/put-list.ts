import type { ByteWriter, Put } from './byte-writer.ts'
import type { SalType } from './field-spec.ts'
import { isList } from './is-list.ts'
import { isBeyondFloat } from './number-ranges.ts'
import { putOfType, realOf } from './put-field.ts'
import { putArrayHead } from './put-number.ts'

/**
 * An array of exactly `count` values of a type. Five bytes for the head and nine for each value must be
 * reserved; text reserves by itself.
 */
export function putArrayOf(type: SalType, count: number): Put {
  if (type === 'double' || type === 'float') return putRealsOf(count, type === 'double')
  return putListOf(putOfType[type], count)
}

function putListOf(put: Put, count: number): Put {
  return (w, at, value) => {
    if (!isList(value) || value.length !== count) return -1
    let to = putArrayHead(w.bytes, at, count)
    for (let i = 0; i < count && to >= 0; i++) to = put(w, to, value[i])
    return to
  }
}

/** A number without a call of `realOf`: nearly all are. */
function realAt(list: ArrayLike<unknown>, i: number): number | undefined {
  const element = list[i]
  return typeof element === 'number' ? element : realOf(element)
}

function putRealsOf(count: number, isDouble: boolean): Put {
  return (w, at, value) => (isList(value) && value.length === count ? putReals(w, at, value, isDouble) : -1)
}

/** Doubles, or else floats: most of the bytes of an observatory pass here. */
function putReals(
  { view, bytes }: ByteWriter,
  at: number,
  list: ArrayLike<unknown>,
  isDouble: boolean
): number {
  const type = isDouble ? 0xcb : 0xca
  const size = isDouble ? 9 : 5
  const count = list.length
  let to = putArrayHead(bytes, at, count)
  for (let i = 0; i < count; i++, to += size) {
    const real = realAt(list, i)
    if (real === undefined || (!isDouble && isBeyondFloat(real))) return -1
    bytes[to] = type
    if (isDouble) view.setFloat64(to + 1, real)
    else view.setFloat32(to + 1, real)
  }
  return to
}
