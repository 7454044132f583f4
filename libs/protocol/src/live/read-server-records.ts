import { commandAcceptedSchema, wireErrorSchema } from '../commands/answer.ts'
import { number, text, wholeNumber } from '../commands/values.ts'
import { shapeOf } from '../object-schema.ts'
import { findProblem, isObject, type JsonObject, type ValueSchema } from '../schema.ts'
import type { ControlRecord, ServerRecord } from './server-frames.ts'

/**
 * Members of a record besides `op`. Texts are not held to a closed set, so that a newer gateway may say more
 * than this client knows.
 */
const record = shapeOf

const subjects: ValueSchema = { type: 'array', items: text }

const streamOutcome: ValueSchema = {
  anyOf: [text, record({ gap: record({ from: number, to: number }, { subjects }) })]
}

/** Checks each control record of a gateway, by its `op`; one that is not here is passed over by the client. */
export const controlRecordSchemas: { readonly [O in ControlRecord['op']]: ValueSchema } = {
  welcome: record({
    protocol: number,
    gateway: text,
    site: text,
    principal: text,
    time: number,
    broker: text
  }),
  topics: record({
    topics: {
      type: 'array',
      items: { type: 'array', prefixItems: [wholeNumber, text, text], minItems: 2 }
    }
  }),
  subscribed: record({
    id: wholeNumber,
    topics: wholeNumber,
    refused: { type: 'array', items: record({ pattern: text, error: wireErrorSchema }) }
  }),
  live: record({ id: wholeNumber, cursor: text }),
  unsubscribed: record({ id: wholeNumber }),
  authenticated: record({ id: wholeNumber }, { expiresIn: number }),
  resumed: record({ streams: { type: 'object', additionalProperties: streamOutcome } }),
  gap: record({ stream: text, from: number, to: number }, { subjects }),
  cursor: record({ cursor: text }),
  command: {
    anyOf: [
      record({ id: text, accepted: commandAcceptedSchema }),
      record({ id: text, error: wireErrorSchema })
    ]
  },
  pong: record({ id: wholeNumber, time: number }),
  broker: record({ broker: text, time: number }),
  reset: record({ stream: text }),
  degraded: record({ step: text }),
  reconnect: record({ reason: text, afterMs: number, deadlineMs: number }),
  error: record({ error: wireErrorSchema }, { id: { anyOf: [wholeNumber, text] } })
}

/**
 * The records of a decoded message of the gateway. A control record whose `op` is unknown here is left as it
 * is, to be ignored. Throws TypeError with the record that is not of the protocol: a message is not half
 * believed.
 */
export function readServerRecords(message: unknown): readonly ServerRecord[] {
  if (!Array.isArray(message)) throw new TypeError('not a list of records')
  const wrong = message.findIndex(record => !isRecord(record))
  if (wrong >= 0) throw new TypeError(`record ${wrong} is not of the protocol`)
  return message
}

const isRecord = (record: unknown): record is ServerRecord =>
  Array.isArray(record) ? isData(record) : isObject(record) && isControl(record)

const isData = (record: readonly unknown[]): boolean =>
  record.length >= 4 &&
  typeof record[0] === 'number' &&
  typeof record[3] === 'object' &&
  record[3] !== null &&
  (record[4] === undefined || typeof record[4] === 'number')

function isControl(record: JsonObject): boolean {
  const { op } = record
  if (typeof op !== 'string') return false
  const isKnown = Object.hasOwn(controlRecordSchemas, op)
  return !isKnown || findProblem(controlRecordSchemas[op as ControlRecord['op']], record) === undefined
}
