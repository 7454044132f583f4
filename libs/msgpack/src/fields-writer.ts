import type { ByteWriter, Put } from './byte-writer.ts'
import type { FieldSpec } from './field-spec.ts'
import { keyBytesOf } from './key-bytes.ts'
import { closeMap, mapBytes, mapHeadBytes } from './map-bytes.ts'
import { putOfType } from './put-field.ts'
import { putArrayOf } from './put-list.ts'
import { putInteger } from './put-number.ts'
import { putText } from './put-text.ts'
import { putValue } from './put-value.ts'

/** Writes the fields of one topic as one MessagePack map; the bytes belong to the caller. */
export type FieldsWriter = (values: Readonly<Record<string, unknown>>) => Uint8Array

/** How a writer treats what the catalogue does not say. */
export interface FieldsWriterOptions {
  /** Told the name of each field that was left out because it contradicts its type or length. */
  readonly dropped?: (name: string) => void
  /** Names that never belong to the fields, as SAL's private ones. */
  readonly ignored?: readonly string[]
}

const NUMBER_BYTES = 9
const MAX_FIELDS = 0xffff

/**
 * Makes the writer of a topic from what the catalogue says of it: floats as `ca`, doubles as `cb`, integers
 * in their smallest form, plain arrays. Fields that the catalogue does not know follow, typed by their value;
 * one that contradicts its type or length is left out and told to `dropped`.
 *
 * The writer is code made for the topic, so that each field is read by a property access of its own. Nothing
 * from the catalogue becomes code: names are handed in as values and their bytes as numbers.
 */
export function createFieldsWriter(
  fields: readonly FieldSpec[],
  { dropped = () => undefined, ignored = [] }: FieldsWriterOptions = {}
): FieldsWriter {
  const known = new Set([...fields.map(field => field.name), ...ignored])
  const declared = compile(fields, ignored)
  const headBytes = mapHeadBytes(fields.length)
  const roomBytes = headBytes + fields.reduce((sum, field) => sum + roomOf(field), 0)
  const state: WriteState = { at: 0, written: 0, seen: 0, dropped }

  return values => {
    mapBytes.reserve(0, roomBytes)
    state.at = headBytes
    state.written = 0
    state.seen = 0
    declared(mapBytes, values, state)
    if (countOf(values) !== state.seen) putExtras(values, known, state)
    return closeMap(headBytes, state)
  }
}

/** What the generated code hands back. */
interface WriteState {
  at: number
  written: number
  /** Own names that were recognised, whether or not they were written. */
  seen: number
  readonly dropped: (name: string) => void
}

function countOf(values: object): number {
  let count = 0
  for (const _ in values) count++
  return count
}

function putExtras(
  values: Readonly<Record<string, unknown>>,
  known: ReadonlySet<string>,
  state: WriteState
): void {
  for (const name in values) {
    const value = values[name]
    if (value === undefined || known.has(name) || state.written >= MAX_FIELDS) continue
    const to = putValue(mapBytes, putText(mapBytes, state.at, name), value, putInteger)
    if (to < 0) state.dropped(name)
    else {
      state.at = to
      state.written++
    }
  }
}

type Generated = (w: ByteWriter, values: Readonly<Record<string, unknown>>, state: WriteState) => void

function compile(fields: readonly FieldSpec[], ignored: readonly string[]): Generated {
  const names = [...fields.map(field => field.name), ...ignored]
  const own = names.map(name => (name in Object.prototype ? 'own' : 'get'))
  const ignoring = ignored.map((_, i) => `  if (o[k${fields.length + i}] !== undefined) seen++`)
  let restBytes = fields.reduce((sum, field) => sum + roomOf(field), 0)
  const writing = fields.map((field, i) => {
    restBytes -= roomOf(field)
    return codeOf(field, {
      i,
      restBytes,
      read: own[i] === 'own' ? `(own(o, k${i}) ? o[k${i}] : undefined)` : `o[k${i}]`
    })
  })
  const body = `'use strict'
${names.map((_, i) => `const k${i} = k[${i}], p${i} = p[${i}]`).join('\n')}
return function write(w, o, s) {
  let view = w.view, at = s.at, n = 0, seen = 0, to = 0, v
${writing.join('\n')}
${ignoring.join('\n')}
  s.at = at; s.written = n; s.seen = seen
}`
  // The text is ours and holds numbers only; whatever the catalogue says is handed in as values.
  return new Function('k', 'p', 'own', body)(names, fields.map(putOf), Object.hasOwn) as Generated
}

function codeOf(
  field: FieldSpec,
  { i, restBytes, read }: { i: number; restBytes: number; read: string }
): string {
  const { code, length } = keyCodeOf(field.name)
  const general = `to = p${i}(w, at + ${length}, v); if (to < 0) s.dropped(k${i}); else { at = to; n++ }`
  const put = isPlainDouble(field)
    ? `if (typeof v === 'number') { view.setUint8(at + ${length}, 0xcb); view.setFloat64(at + ${length + 1}, v); at += ${length + NUMBER_BYTES}; n++ } else { ${general} }`
    : general
  const after = field.type === 'string' ? ` w.reserve(at, ${restBytes}); view = w.view` : ''
  return `  v = ${read}
  if (v !== undefined) { seen++; ${code}; ${put}${after} }`
}

const isPlainDouble = (field: FieldSpec): boolean => field.type === 'double' && field.count === 1

/** The key as 32-bit stores of its head and bytes; up to three bytes too many, which the value overwrites. */
function keyCodeOf(name: string): { code: string; length: number } {
  const key = keyBytesOf(name)
  const padded = new DataView(new ArrayBuffer(key.length + 3))
  new Uint8Array(padded.buffer).set(key)
  const stores: string[] = []
  for (let at = 0; at < key.length; at += 4)
    stores.push(`view.setUint32(at + ${at}, ${padded.getUint32(at)})`)
  return { code: stores.join('; '), length: key.length }
}

/** Bytes that a field may take; text, whose size is not known, reserves by itself. */
const roomOf = (field: FieldSpec): number => keyBytesOf(field.name).length + 8 + NUMBER_BYTES * field.count

function putOf({ type, count, nullable }: FieldSpec): Put {
  const put = count > 1 ? putArrayOf(type, count) : putOfType[type]
  return nullable === true ? (w, at, v) => (v === null ? putNil(w, at) : put(w, at, v)) : put
}

function putNil({ bytes }: ByteWriter, at: number): number {
  bytes[at] = 0xc0
  return at + 1
}
