import type { FieldSpec } from '@meridian/msgpack'
import { createFieldsWriter } from '@meridian/msgpack'
import { rawEventOf, rawHeartbeatOf, rawTelemetryOf } from '@meridian/subjects'
import type { Outlet, PublishedTopic, Values } from '../outlet.ts'

/** Hands a payload to the broker. */
export type Publish = (subject: string, data: Uint8Array) => void

const PRIVATE: readonly FieldSpec[] = [
  { name: 'private_sndStamp', type: 'double', count: 1 },
  { name: 'private_seqNum', type: 'int', count: 1 },
  { name: 'private_origin', type: 'int', count: 1 },
  { name: 'private_identity', type: 'string', count: 1 },
  { name: 'private_revCode', type: 'string', count: 1 }
]

type Writer = (values: Values) => Uint8Array

const writers = new Map<string, Writer>()

// All instances of a component share the MessagePack writers of its topics.
function writerOf({ revCode, fields }: PublishedTopic): Writer {
  if (revCode === '') return createFieldsWriter([...fields, ...PRIVATE])
  const known = writers.get(revCode)
  if (known !== undefined) return known
  const writer = createFieldsWriter([...fields, ...PRIVATE])
  writers.set(revCode, writer)
  return writer
}

function subjectOf(site: string, { csc, index, kind, name }: PublishedTopic): string {
  if (kind === 'heartbeat') return rawHeartbeatOf({ site, csc, index })
  const place = { site, csc, index, topic: name }
  return kind === 'event' ? rawEventOf(place) : rawTelemetryOf(place)
}

/** Says it on `raw.` of a site, as MessagePack. */
export const createRawOutlet =
  (site: string, publish: Publish): Outlet =>
  topic => {
    const subject = subjectOf(site, topic)
    const write = writerOf(topic)
    return values => publish(subject, write(values))
  }
