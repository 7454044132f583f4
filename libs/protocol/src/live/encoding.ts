import { type Codec, encodeControl as encodeRecord } from '../encode-records.ts'
import type { ControlRecord } from './server-frames.ts'

/** How a gateway writes records: in the codec of a WebSocket, or as Server-Sent Events. */
export type Encoding = Codec | 'events'

const utf8 = new TextEncoder()

/**
 * One control record as it stands in what a connection gets. As an event it is named for its `op` and has the
 * record as its data; a cursor is the id of its event, so that whoever reconnects with `Last-Event-ID` resumes.
 * `topics` is no event: each event of data names its subject itself.
 */
export function encodeControl(encoding: Encoding, record: ControlRecord): Uint8Array {
  return encoding === 'events' ? utf8.encode(eventOf(record)) : encodeRecord(encoding, record)
}

function eventOf(record: ControlRecord): string {
  if (record.op === 'topics') return ''
  // Without data an event is handed to nobody, and its id is kept all the same.
  if (record.op === 'cursor') return `id: ${record.cursor}\n\n`
  const id = record.op === 'live' ? `id: ${record.cursor}\n` : ''
  return `${id}event: ${nameOf(record)}\ndata: ${JSON.stringify(record)}\n\n`
}

/** An EventSource has events of its own that are called `error`. */
const nameOf = ({ op }: ControlRecord): string => (op === 'error' ? 'refused' : op)

/** The last event before the gateway ends an answer: close code and reason, as of a WebSocket. */
export const closeEventOf = (code: number, reason: string): string =>
  `event: close\ndata: ${JSON.stringify({ op: 'close', code, reason })}\n\n`

/** Ms after which an EventSource connects anew when the answer has ended. */
export const retryEventOf = (ms: number): string => `retry: ${ms}\n\n`

/** One message as an event; `fields` is JSON already. `received` as in a data record. */
export interface DataEvent {
  readonly subject: string
  readonly seq: number
  readonly time: number
  readonly fields: string
  readonly received: number | undefined
  readonly uncatalogued: boolean
}

/** The text of an event of data; it has no name, so `onmessage` of an EventSource gets it. */
export function dataEventOf({ subject, seq, time, fields, received, uncatalogued }: DataEvent): string {
  const more = `${received === undefined ? '' : `,"received":${received}`}${uncatalogued ? ',"uncatalogued":true' : ''}`
  return `data: {"subject":${JSON.stringify(subject)},"seq":${seq},"time":${time},"fields":${fields}${more}}\n\n`
}
