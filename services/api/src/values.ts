import type { StreamMessage } from '@meridian/broker'
import { createNumberReader } from '@meridian/msgpack'
import { emptyEnvelope, readEnvelope } from '@meridian/sample'
import type { HistoryQuery } from './history-query.ts'

/** Collects the values of one field from stored samples that arrive window by window. */
export interface Values {
  /** Adds a sample's value; it counts once `keep` is called. */
  readonly add: (message: StreamMessage) => void
  /** Keeps what was added since the last call. */
  readonly keep: () => void
  /** Calls `take` with each kept value and its source time, TAI seconds. */
  handOver(take: (time: number, value: number) => void): void
  /** Source time of the oldest kept sample, TAI seconds; null without any. */
  readFrom(): number | null
  /** How many samples were added, kept or not. */
  messages(): number
}

/** Creates an empty collection for one field, or one element of an array field. */
export function createValues({ name, element }: Pick<HistoryQuery, 'name' | 'element'>): Values {
  const read = createNumberReader(name, element)
  const envelope = emptyEnvelope()
  const times: number[] = []
  const values: number[] = []
  let kept = 0
  let messages = 0
  let oldest = Number.POSITIVE_INFINITY
  let keptOldest = Number.POSITIVE_INFINITY
  return {
    add({ data }) {
      readEnvelope(data, envelope)
      messages++
      oldest = Math.min(oldest, envelope.sndStamp)
      const value = read(data.subarray(envelope.fieldsStart, envelope.fieldsEnd))
      if (value === undefined) return
      times.push(envelope.sndStamp)
      values.push(value)
    },
    keep() {
      kept = times.length
      keptOldest = oldest
    },
    handOver(take) {
      for (let i = 0; i < kept; i++) take(times[i] as number, values[i] as number)
    },
    readFrom: () => (keptOldest === Number.POSITIVE_INFINITY ? null : keptOldest),
    messages: () => messages
  }
}
