import type { Put } from './byte-writer.ts'
import type { SalType } from './field-spec.ts'
import { isList } from './is-list.ts'
import { putOfType, realOf } from './put-field.ts'
import { putArrayHead } from './put-number.ts'

/**
 * An array of exactly `count` values of a type. Five bytes for the head and nine for each value must be reserved; text reserves by
 * itself.
 */
export function putArrayOf(type: SalType, count: number): Put {
  if (type === 'double') return putDoublesOf(count)
  return type === 'float' ? putFloatsOf(count) : putListOf(putOfType[type], count)
}

function putListOf(put: Put, count: number): Put {
  return (w, at, value) => {
    if (!isList(value) || value.length !== count) return -1
    let to = putArrayHead(w.bytes, at, count)
    for (let i = 0; i < count && to >= 0; i++) to = put(w, to, value[i])
    return to
  }
}

/** Most of the bytes of an observatory pass here. */
function putDoublesOf(count: number): Put {
  return (w, at, value) => {
    if (!isList(value) || value.length !== count) return -1
    const { view, bytes } = w
    let to = putArrayHead(bytes, at, count)
    for (let i = 0; i < count; i++, to += 9) {
      const element = value[i]
      const real = typeof element === 'number' ? element : realOf(element)
      if (real === undefined) return -1
      bytes[to] = 0xcb
      view.setFloat64(to + 1, real)
    }
    return to
  }
}

function putFloatsOf(count: number): Put {
  return (w, at, value) => {
    if (!isList(value) || value.length !== count) return -1
    const { view, bytes } = w
    let to = putArrayHead(bytes, at, count)
    for (let i = 0; i < count; i++, to += 5) {
      const element = value[i]
      const real = typeof element === 'number' ? element : realOf(element)
      if (real === undefined) return -1
      bytes[to] = 0xca
      view.setFloat32(to + 1, real)
    }
    return to
  }
}
