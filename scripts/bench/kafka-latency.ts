import { type Broker, readStream } from '@meridian/broker'
import { createLogReader, kafkaTopicOf } from '@meridian/sal'
import type { Observatory } from '@meridian/sal/testing'
import { telemetryOf } from '@meridian/subjects'
import { waitFor } from '@meridian/testing'

/** Telemetry topics of MTM1M3, how many records they have together, and from when on samples count (UTC, us). */
export interface Spoken {
  readonly topics: readonly string[]
  readonly count: number
  readonly fromUs: number
}

type Times = Map<string, number[]>

/** Ms from the appending of a record by Kafka to the storing of its sample, which 99 of 100 stay below. */
export async function latencyMs(
  { broker, observatory }: { readonly broker: Broker; readonly observatory: Observatory },
  spoken: Spoken
): Promise<number> {
  const stored = await storedMs(broker)
  const appended = await appendedMs(observatory, spoken)
  const ages = spoken.topics.flatMap(topic => {
    const times = stored.get(telemetryOf({ site: 'summit', csc: 'MTM1M3', index: 0, topic })) ?? []
    const from = appended.get(topic) ?? []
    if (times.length !== from.length)
      throw new Error(`${topic}: ${from.length} were appended, ${times.length} are stored`)
    return times
      .map((time, i) => ({ time, age: time - (from[i] ?? Number.NEGATIVE_INFINITY) }))
      .filter(({ time }) => time * 1000 >= spoken.fromUs)
      .map(({ age }) => age)
  })
  return ages.sort((a, b) => a - b)[Math.floor(ages.length * 0.99)] ?? Number.POSITIVE_INFINITY
}

/** When the samples of each subject were stored. */
async function storedMs(broker: Broker): Promise<Times> {
  const times: Times = new Map()
  const bounds = { maxMessages: 1_000_000, maxBytes: 1e10, timeoutMs: 60_000 }
  const all = { stream: 'TEL', subjects: [], from: { seq: 1 }, ...bounds } as const
  for await (const message of readStream(broker, all)) put(times, message.subject, message.timeUs / 1000)
  return times
}

/** When Kafka appended the records of each topic, in whole ms. */
async function appendedMs({ settings }: Observatory, { topics, count }: Spoken): Promise<Times> {
  const times: Times = new Map()
  const names = new Map(
    topics.map(name => [kafkaTopicOf({ subname: 'sal', csc: 'MTM1M3', kind: 'telemetry', name }), name])
  )
  let seen = 0
  const fail = (error: Error): never => {
    throw error
  }
  const reader = createLogReader({
    access: { brokers: settings['LSST_KAFKA_BROKER_ADDR'] ?? '', clientId: 'bench' },
    wants: topic => names.has(topic),
    begin: async found => found.map(({ earliest }) => earliest),
    take(taken) {
      for (const { topic, records } of taken)
        for (const { timestampMs } of records) {
          put(times, names.get(topic) ?? '', timestampMs)
          seen++
        }
    },
    lost: ({ topic }) => fail(new Error(`${topic} lost what was measured`)),
    failed: fail
  })
  await reader.start()
  await waitFor(() => seen >= count, { what: 'the log is read', timeoutMs: 60_000 })
  await reader.stop()
  return times
}

function put(times: Times, name: string, ms: number): void {
  const some = times.get(name)
  if (some === undefined) times.set(name, [ms])
  else some.push(ms)
}
