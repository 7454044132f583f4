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

/** Collects the values of one field from stored samples that arrive window by window, the newest window first. */
export interface Values {
  /** Adds a sample's value; it counts once `keep` is called. What is no sample is left out. */
  readonly add: (message: StreamMessage) => void
  /** Keeps what was added since the last call. */
  readonly keep: () => void
  /** Calls `take` with each kept value, in the order of the stream. */
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
    // A stamp that is no number goes to clients as 0.
    const source = Number.isFinite(envelope.sndStamp) ? envelope.sndStamp : 0
    return { source, received: receivedOf(message, envelope.rcvStamp), value }
  }
}

/** Creates an empty collection; `read` finds the value of a message. */
export function createValues(read: ValueReader): Values {
  const values: StampedValue[] = []
  /** Where the windows begin that are kept, and where the next one will. */
  const begins = [0]
  let messages = 0
  return {
    add(message) {
      messages++
      const value = read(message)
      if (value !== undefined) values.push(value)
    },
    keep() {
      begins.push(values.length)
    },
    forEach(take) {
      for (let window = begins.length - 2; window >= 0; window--)
        for (let i = begins[window] as number; i < (begins[window + 1] as number); i++)
          take(values[i] as StampedValue)
    },
    kept: () => begins.at(-1) as number,
    messages: () => messages
  }
}
