import type { StreamMessage } from '@meridian/broker'
import { AppError } from '@meridian/errors'
import { createNumberReader } from '@meridian/msgpack'
import { emptyEnvelope, readEnvelope } from '@meridian/sample'
import type { HistoryQuery } from './history-query.ts'
import { receivedOf } from './received-of.ts'

/** One number of a stored sample with the sample's stamps, TAI seconds. */
export interface StampedValue {
  readonly source: number
  readonly received: number
  /** NaN where NaN was sent. */
  readonly value: number
}

/** Collects the values of one field from stored samples that arrive window by window. */
export interface Values {
  /** Adds a sample's value; it counts once `keep` is called. What is no sample is left out. */
  readonly add: (message: StreamMessage) => void
  /** Keeps what was added since the last call. */
  readonly keep: () => void
  /** Calls `take` with each kept value. */
  forEach(take: (value: StampedValue) => void): void
  /** How many values are kept. */
  kept(): number
  /** How many messages were added, kept or not. */
  messages(): number
}

/** Reads one number of a stored message, and nothing else of it; undefined where it has none. */
export type ValueReader = (message: StreamMessage) => StampedValue | undefined

/** Makes a reader of one field, or of one element of an array field. */
export function createValueReader({ name, index }: Pick<HistoryQuery, 'name' | 'index'>): ValueReader {
  const read = createNumberReader(name, index)
  const envelope = emptyEnvelope()
  return message => {
    try {
      readEnvelope(message.data, envelope)
    } catch (caught) {
      if (caught instanceof AppError) return undefined
      throw caught
    }
    const value = read(message.data.subarray(envelope.fieldsStart, envelope.fieldsEnd))
    if (value === undefined) return undefined
    return { source: envelope.sndStamp, received: receivedOf(message, envelope.rcvStamp), value }
  }
}

/** Creates an empty collection; `read` finds the value of a message. */
export function createValues(read: ValueReader): Values {
  const values: StampedValue[] = []
  let kept = 0
  let messages = 0
  return {
    add(message) {
      messages++
      const value = read(message)
      if (value !== undefined) values.push(value)
    },
    keep() {
      kept = values.length
    },
    forEach(take) {
      for (let i = 0; i < kept; i++) take(values[i] as StampedValue)
    },
    kept: () => kept,
    messages: () => messages
  }
}
