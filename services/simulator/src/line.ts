import type { FieldSpec } from '@meridian/msgpack'
import { createFieldsWriter } from '@meridian/msgpack'
import type { Moment } from './moment.ts'

/** The fields of a topic by name; one object for the life of a line, written in place. */
export type Values = Record<string, unknown>

/** Hands a payload to the broker. */
export type Publish = (subject: string, data: Uint8Array) => void

/** Who speaks: what each message says about its writer. */
export interface Voice {
  readonly publish: Publish
  /** Random positive 31-bit number of this writer, new at each start [docs/sal.md#commands]. */
  readonly origin: number
  /** `CSC` or `CSC:index`. */
  readonly identity: string
}

/** What a line needs to know of its topic. A topic that the catalogue lacks has no fields and is typed by what is sent. */
export interface LineTopic {
  readonly subject: string
  readonly revCode: string
  readonly fields: readonly FieldSpec[]
}

/** One topic of one instance: its values, and the way out. */
export interface Line {
  readonly values: Values
  send(at: Moment): void
}

/** A line whose topic is sent only when something changed [docs/sal.md#publishing]. */
export interface EventLine extends Line {
  /** Takes changes over and sends where one differs from before, or where nothing was ever sent. True when sent. */
  put(changes: Readonly<Values>, at: Moment): boolean
  /** Takes changes over and sends in any case. */
  force(changes: Readonly<Values>, at: Moment): void
}

const PRIVATE: readonly FieldSpec[] = [
  { name: 'private_sndStamp', type: 'double', count: 1 },
  { name: 'private_seqNum', type: 'int', count: 1 },
  { name: 'private_origin', type: 'int', count: 1 },
  { name: 'private_identity', type: 'string', count: 1 },
  { name: 'private_revCode', type: 'string', count: 1 }
]

const writers = new Map<string, (values: Values) => Uint8Array>()

// Instances of one component share the writers of its topics.
function writerOf({ revCode, fields }: LineTopic): (values: Values) => Uint8Array {
  if (revCode === '') return createFieldsWriter([...fields, ...PRIVATE])
  const known = writers.get(revCode)
  if (known !== undefined) return known
  const writer = createFieldsWriter([...fields, ...PRIVATE])
  writers.set(revCode, writer)
  return writer
}

/** Makes the line of a topic. Values begin as SAL's defaults: 0, false, "". */
export function createLine(topic: LineTopic, voice: Voice): Line {
  const write = writerOf(topic)
  const values = defaultsOf(topic.fields)
  values['private_sndStamp'] = 0
  values['private_seqNum'] = 0
  values['private_origin'] = voice.origin
  values['private_identity'] = voice.identity
  values['private_revCode'] = topic.revCode
  let seqNum = 0
  let last = 0
  return {
    values,
    send(at) {
      // Two messages of one tick still have different stamps, in order.
      last = at.tai > last ? at.tai : last + 1e-6
      seqNum = (seqNum % 0x7fffffff) + 1
      values['private_sndStamp'] = last
      values['private_seqNum'] = seqNum
      voice.publish(topic.subject, write(values))
    }
  }
}

/** Makes the line of an event. */
export function createEventLine(topic: LineTopic, voice: Voice): EventLine {
  const line = createLine(topic, voice)
  let sent = false
  const force = (changes: Readonly<Values>, at: Moment): void => {
    take(line.values, changes)
    sent = true
    line.send(at)
  }
  return {
    values: line.values,
    send: line.send,
    force,
    put(changes, at) {
      if (sent && !differs(line.values, changes)) return false
      force(changes, at)
      return true
    }
  }
}

const defaultsOf = (fields: readonly FieldSpec[]): Values =>
  Object.fromEntries(fields.map(field => [field.name, defaultOf(field)]))

function defaultOf({ type, count }: FieldSpec): unknown {
  const one = scalarDefault(type)
  return count > 1 ? new Array(count).fill(one) : one
}

function scalarDefault(type: FieldSpec['type']): number | string | boolean {
  if (type === 'boolean') return false
  return type === 'string' ? '' : 0
}

function take(values: Values, changes: Readonly<Values>): void {
  for (const name in changes) {
    const value = changes[name]
    values[name] = Array.isArray(value) ? [...value] : value
  }
}

function differs(values: Values, changes: Readonly<Values>): boolean {
  for (const name in changes) if (!same(values[name], changes[name])) return true
  return false
}

function same(a: unknown, b: unknown): boolean {
  if (!Array.isArray(a) || !Array.isArray(b)) return Object.is(a, b)
  return a.length === b.length && a.every((value, i) => Object.is(value, b[i]))
}
