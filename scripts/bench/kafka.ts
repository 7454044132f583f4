/**
 * What a producer costs that reads SAL on Kafka, with a real broker of it: MTM1M3 complete as it speaks, a backlog of
 * its largest and of a small message, and the last events out of a million.
 */

import { lastMessage, streamState } from '@meridian/broker'
import { startTestSite } from '@meridian/broker/testing'
import type { Topic } from '@meridian/catalogue'
import { createObservatory, type Observatory, type Said } from '@meridian/sal/testing'
import { telemetryOf } from '@meridian/subjects'
import { startKafka, waitFor, whyNoKafka } from '@meridian/testing'
import { settingsInBase } from '../deploy/settings-in-base.ts'
import { residentBytesOf, rounded, watchCpu } from './cpu.ts'
import { latencyMs } from './kafka-latency.ts'
import { randomValuesOf } from './random-values.ts'
import { type BenchOptions, type BenchResult, BUSIEST_GENERATOR } from './result.ts'
import { type ServiceProcess, startService } from './service-process.ts'

/** A producer runs for weeks: what compiling costs at first is not its rate. */
const WARM_MS = 30_000
const RATE_HZ = 50
const BACKLOG = 20_000
const EVENTS = 1_000_000
const AT_ONCE = 200
const MOST_CORES = 0.15
const MOST_MS = 20
const MOST_SECONDS = 6

type Site = Awaited<ReturnType<typeof startTestSite>>
interface World extends Site {
  readonly observatory: Observatory
  producer(produced: string): Promise<ServiceProcess>
}

/** The figures of a producer that reads Kafka. */
export async function run({ seconds }: BenchOptions): Promise<readonly BenchResult[]> {
  const why = whyNoKafka()
  if (why !== undefined) throw new Error(why)
  const kafka = await startKafka()
  const observatory = await createObservatory(kafka)
  try {
    return [
      await inWorld(observatory, world => live(world, seconds)),
      await inWorld(observatory, world => backlog(world, LARGE)),
      await inWorld(observatory, world => backlog(world, SMALL)),
      await inWorld(observatory, lastEvents)
    ]
  } finally {
    await observatory.stop()
    await kafka.stop()
  }
}

async function inWorld(
  observatory: Observatory,
  measure: (world: World) => Promise<BenchResult>
): Promise<BenchResult> {
  const site = await startTestSite()
  try {
    const producer = (PRODUCE: string): Promise<ServiceProcess> =>
      startService('producer', site.nats.url, {
        ...observatory.settings,
        SOURCE: 'sal-kafka',
        NODE_OPTIONS: settingsInBase('producer').get('NODE_OPTIONS') ?? '',
        PRODUCE,
        DRAIN_MS: '10000'
      })
    return await measure({ ...site, observatory, producer })
  } finally {
    await site.stop()
  }
}

const residentMbOf = ({ pid }: ServiceProcess): number => Math.round(residentBytesOf(pid) / 1e6)

const pause = (ms: number): Promise<void> => new Promise(resolve => setTimeout(resolve, ms))

const topicsOf = ({ catalogue }: Observatory, csc: string): readonly Topic[] => [
  ...(catalogue.component(csc)?.telemetry.values() ?? [])
]

async function live(world: World, seconds: number): Promise<BenchResult> {
  const { observatory, broker } = world
  const topics = topicsOf(observatory, 'MTM1M3').filter(({ name }) => name !== 'forceActuatorPressure')
  for (const { name } of topics) await observatory.make({ csc: 'MTM1M3', kind: 'telemetry', topic: name })
  const producer = await world.producer('MTM1M3:0')
  const values = new Map(topics.map(topic => [topic.name, randomValuesOf(topic)]))
  const said = { count: 0 }
  const timer = setInterval(() => {
    for (const [topic, fields] of values) {
      void observatory.say({ csc: 'MTM1M3', kind: 'telemetry', topic, fields })
      said.count++
    }
  }, 1000 / RATE_HZ)
  await pause(WARM_MS)
  const warmUs = Date.now() * 1000
  const before = said.count
  const watches = [watchCpu(producer.pid), watchCpu()]
  await pause(seconds * 1000)
  const [cpu, own] = watches.map(read => read())
  const messages = said.count - before
  clearInterval(timer)
  await waitFor(async () => (await streamState(broker, 'TEL')).lastSeq >= said.count, {
    what: 'all of it is stored'
  })
  const residentMb = residentMbOf(producer)
  await producer.stop()
  const p99 = await latencyMs(world, { topics: [...values.keys()], count: said.count, fromUs: warmUs })
  const isGood = (cpu?.cores ?? 1) <= MOST_CORES && p99 <= MOST_MS
  return {
    id: 'K1',
    what: 'one producer carrying MTM1M3 complete from Kafka, one record per batch',
    target: `at most ${MOST_CORES} of a core; appended to stored p99 at most ${MOST_MS} ms`,
    figures: {
      messagesPerSecond: Math.round(messages / seconds),
      producerCores: rounded(cpu?.cores ?? 0, 3),
      producerUsPerMessage: rounded((cpu?.us ?? 0) / messages, 1),
      p99Ms: rounded(p99, 1),
      residentMb
    },
    reached: (own?.cores ?? 0) > BUSIEST_GENERATOR ? 'invalid' : isGood,
    notes: [`from ${WARM_MS / 1000} s after its start on`]
  }
}

const LARGE = { id: 'K2', csc: 'MTM1M3', topic: 'forceActuatorData', mostUs: 40 } as const
const SMALL = { id: 'K3', csc: 'MTMount', topic: 'azimuth', mostUs: 20 } as const

async function backlog(
  world: World,
  { id, csc, topic, mostUs }: typeof LARGE | typeof SMALL
): Promise<BenchResult> {
  const { observatory, broker } = world
  const one = { csc, kind: 'telemetry', topic } as const
  await observatory.make(one)
  const known = observatory.catalogue.component(csc)?.telemetry.get(topic)
  const fields = known === undefined ? {} : randomValuesOf(known)
  // It goes on where the stream stands.
  const first = await world.producer(`${csc}:0`)
  await observatory.say({ ...one, fields })
  const subject = telemetryOf({ site: 'summit', csc, index: 0, topic })
  await waitFor(() => lastMessage(broker, 'TEL', subject), { what: 'the first is stored' })
  await first.stop()
  await sayEach(observatory, { ...one, fields }, BACKLOG)
  const producer = await world.producer(`${csc}:0`)
  const stored = (count: number): Promise<number> =>
    waitFor(
      async () => {
        const { lastSeq: messages } = await streamState(broker, 'TEL')
        return messages >= count ? messages : undefined
      },
      { what: 'the backlog is stored', timeoutMs: 120_000, everyMs: 5 }
    )
  const from = await stored(BACKLOG / 10)
  const cpuUs = watchCpu(producer.pid)
  const count = (await stored(BACKLOG)) - from
  const us = cpuUs().us / count
  const residentMb = residentMbOf(producer)
  await producer.stop()
  return {
    id,
    what: `a backlog of ${csc} ${topic}`,
    target: `at most ${mostUs} us of the producer for each`,
    figures: { messages: count, producerUsPerMessage: rounded(us, 1), residentMb },
    reached: us <= mostUs,
    notes: ['of the last nine tenths: the start of the process is not counted']
  }
}

/** Each in a batch of its own, as SAL's writers do. */
async function sayEach(observatory: Observatory, said: Said, count: number): Promise<void> {
  for (let at = 0; at < count; at += AT_ONCE)
    await Promise.all(Array.from({ length: AT_ONCE }, () => observatory.say(said)))
}

async function lastEvents(world: World): Promise<BenchResult> {
  const { observatory, broker } = world
  const state = { csc: 'MTHexapod', kind: 'event', topic: 'summaryState' } as const
  await observatory.make(state)
  const some = Array.from({ length: 1_000 }, (_, i) => ({
    ...state,
    index: 1 + (i % 2),
    fields: { summaryState: 2 }
  }))
  for (let at = 0; at < EVENTS; at += some.length) await observatory.say(...some)
  const begun = performance.now()
  const producer = await world.producer('MTHexapod:*')
  await waitFor(async () => (await streamState(broker, 'EVT')).messages >= 3, {
    what: 'the last event of both, and what the producer carries',
    timeoutMs: 120_000
  })
  const taken = (performance.now() - begun) / 1000
  const residentMb = residentMbOf(producer)
  await producer.stop()
  return {
    id: 'K4',
    what: `the last event of two instances, out of ${EVENTS}`,
    target: `at most ${MOST_SECONDS} s from the start of the process`,
    figures: { seconds: rounded(taken, 1), residentMb },
    reached: taken <= MOST_SECONDS,
    notes: []
  }
}
