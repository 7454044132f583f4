import { type ByteWriter, REST_BYTES } from './byte-writer.ts'
import { isList } from './is-list.ts'
import { putArrayHead, putBigInt, putDouble, putLength, putMapHead } from './put-number.ts'
import { putText } from './put-text.ts'
import { MAX_DEPTH } from './walk.ts'

/** How whole numbers are put: putInteger or putFrameInteger. */
export type PutInteger = (bytes: Uint8Array, at: number, value: number) => number

/**
 * Any value that MessagePack has without extension types, typed by what it is; -1 for all others: functions,
 * symbols, integers beyond 64 bits, more levels than MAX_DEPTH. As JSON has it, `undefined` is left out of
 * maps and nil elsewhere. Reserves by itself.
 */
export function putValue(
  w: ByteWriter,
  at: number,
  value: unknown,
  putInteger: PutInteger,
  depth = 0
): number {
  w.reserve(at, REST_BYTES)
  switch (typeof value) {
    case 'number':
      return putNumber(w.bytes, at, value, putInteger)
    case 'string':
      return putText(w, at, value)
    case 'boolean':
      return putByte(w.bytes, at, value ? 0xc3 : 0xc2)
    case 'bigint':
      return putBigInt(w.bytes, at, value)
    case 'undefined':
      return putByte(w.bytes, at, 0xc0)
    case 'object':
      return value === null ? putByte(w.bytes, at, 0xc0) : putObject(w, at, value, putInteger, depth)
    default:
      return -1
  }
}

function putByte(bytes: Uint8Array, at: number, byte: number): number {
  bytes[at] = byte
  return at + 1
}

/** What is no safe integer is a double, and so is -0, which no integer says. */
function putNumber(bytes: Uint8Array, at: number, value: number, putInteger: PutInteger): number {
  return Number.isSafeInteger(value) && !Object.is(value, -0)
    ? putInteger(bytes, at, value)
    : putDouble(bytes, at, value)
}

function putObject(w: ByteWriter, at: number, value: object, putInteger: PutInteger, depth: number): number {
  if (value instanceof Uint8Array) return putBinary(w, at, value)
  if (depth >= MAX_DEPTH) return -1
  return isList(value)
    ? putList(w, at, value, putInteger, depth)
    : putMap(w, at, value as Readonly<Record<string, unknown>>, putInteger, depth)
}

function putBinary(w: ByteWriter, at: number, value: Uint8Array): number {
  w.reserve(at, value.length + REST_BYTES)
  const from = putLength(w.bytes, at, 0xc4, value.length)
  w.bytes.set(value, from)
  return from + value.length
}

function putList(
  w: ByteWriter,
  at: number,
  list: ArrayLike<unknown>,
  putInteger: PutInteger,
  depth: number
): number {
  let to = putArrayHead(w.bytes, at, list.length)
  for (let i = 0; i < list.length && to >= 0; i++) to = putValue(w, to, list[i], putInteger, depth + 1)
  return to
}

function putMap(
  w: ByteWriter,
  at: number,
  map: Readonly<Record<string, unknown>>,
  putInteger: PutInteger,
  depth: number
): number {
  const names = Object.keys(map).filter(name => map[name] !== undefined)
  let to = putMapHead(w.bytes, at, names.length)
  for (const name of names) {
    to = putValue(w, putText(w, to, name), map[name], putInteger, depth + 1)
    if (to < 0) return -1
  }
  return to
}
