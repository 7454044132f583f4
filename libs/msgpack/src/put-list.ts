import type { Put } from './byte-writer.ts'
import type { SalType } from './field-spec.ts'
import { isList } from './is-list.ts'
import { isBeyondFloat, putOfType, realOf } from './put-field.ts'
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

/** Doubles, or else floats: most of the bytes of an observatory pass here. */
function putRealsOf(count: number, isDouble: boolean): Put {
  const type = isDouble ? 0xcb : 0xca
  const size = isDouble ? 9 : 5
  return (w, at, value) => {
    if (!isList(value) || value.length !== count) return -1
    const { view, bytes } = w
    let to = putArrayHead(bytes, at, count)
    for (let i = 0; i < count; i++, to += size) {
      const element = value[i]
      const real = typeof element === 'number' ? element : realOf(element)
      if (real === undefined || (!isDouble && isBeyondFloat(real))) return -1
      bytes[to] = type
      if (isDouble) view.setFloat64(to + 1, real)
      else view.setFloat32(to + 1, real)
    }
    return to
  }
}
