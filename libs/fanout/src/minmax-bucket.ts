import { decodeFields } from '@meridian/msgpack'
import type { Extreme, MinMax } from '@meridian/protocol/live'
import { createExtremes, type Extremes } from '@meridian/sample'
import type { Filling, LiveTopic, MinMaxBucket } from './live-topic.ts'
import type { Message } from './message.ts'

/** A bucket that nobody wants yet. */
export const createMinMaxBucket = (topic: LiveTopic, periodTicks: number): MinMaxBucket => ({
  topic,
  periodTicks,
  interests: [],
  filling: undefined
})

/** Adds a message to its topic's bucket; gives whether it was the first. */
export function addToBucket(bucket: MinMaxBucket, message: Message<LiveTopic>): boolean {
  const { filling } = bucket
  const { data, from, to, time } = message.content
  const fields = decodeFields(data.subarray(from, to))
  if (filling === undefined) {
    bucket.filling = { from: time, count: 1, last: message, numbers: new Map() }
    addFields(bucket.filling.numbers, fields)
    return true
  }
  filling.count++
  filling.last = message
  addFields(filling.numbers, fields)
  return false
}

function addFields(numbers: Filling['numbers'], fields: Readonly<Record<string, unknown>>): void {
  for (const name of Object.keys(fields)) {
    const value = fields[name]
    const isList = Array.isArray(value)
    if (!isList && !isNumber(value)) continue
    let known = numbers.get(name)
    if (known === undefined || known.isList !== isList) {
      known = { extremes: createExtremes(), isList }
      numbers.set(name, known)
    }
    if (isNumber(value)) known.extremes.add(0, Number(value))
    else if (isList) addElements(known.extremes, value)
  }
}

function addElements(extremes: Extremes, list: readonly unknown[]): void {
  for (let i = 0; i < list.length; i++) if (isNumber(list[i])) extremes.add(i, Number(list[i]))
}

const isNumber = (value: unknown): value is number | bigint =>
  typeof value === 'number' || typeof value === 'bigint'

/**
 * Empties a bucket at its tick; gives its last message with what the bucket had. Undefined where the topic has
 * been forgotten or its stream was reset since.
 */
export function takeBucket(bucket: MinMaxBucket): Message<LiveTopic> | undefined {
  const { filling, topic } = bucket
  bucket.filling = undefined
  if (filling === undefined || topic.last === undefined || topic.last.seq < filling.last.seq) return undefined
  const { seq, timeUs, content } = filling.last
  return { topic, seq, timeUs, content, minMax: minMaxOf(filling), chunks: undefined }
}

function minMaxOf({ from, count, numbers }: Filling): MinMax {
  // Without a prototype: names are the sender's.
  const min: Record<string, Extreme> = Object.create(null)
  const max: Record<string, Extreme> = Object.create(null)
  for (const [name, { extremes, isList }] of numbers) {
    const ranges = Array.from({ length: extremes.rows() }, (_, row) => extremes.rangeOf(row))
    min[name] = isList ? ranges.map(range => range?.[0] ?? null) : (ranges[0]?.[0] ?? null)
    max[name] = isList ? ranges.map(range => range?.[1] ?? null) : (ranges[0]?.[1] ?? null)
  }
  return { from, count, min, max }
}
