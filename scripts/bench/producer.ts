/**
 * What a producer costs at summit scale: every topic of the site at its nominal rate with real fields, from
 * this process over `raw.`, through one producer process into JetStream; and whether all of it was stored.
 */

import { type Broker, streamState } from '@meridian/broker'
import { startTestSite } from '@meridian/broker/testing'
import { loadCatalogue, loadSite, type Topic } from '@meridian/catalogue'
import { rawEventOf, rawTelemetryOf } from '@meridian/subjects'
import { systemClock } from '@meridian/time'
import { pack } from 'msgpackr'
import { residentBytesOf, rounded, watchCpu } from './cpu.ts'
import { randomValuesOf } from './random-values.ts'
import { type BenchOptions, type BenchResult, BUSIEST_GENERATOR } from './result.ts'
import { type ServiceProcess, startService } from './service-process.ts'

const WARM_MS = 5_000
const TICK_MS = 20
const MOST_CORES = 0.15

interface Source {
  readonly subject: string
  readonly rateHz: number
  readonly values: Readonly<Record<string, unknown>>
  due: number
  seqNum: number
}

interface Generator {
  readonly counts: { published: number; bytes: number }
  stop(): void
}

/** One producer process for the whole summit: its CPU per sample stored. */
export async function run({ seconds }: BenchOptions): Promise<BenchResult> {
  const { nats, broker, stop } = await startTestSite()
  try {
    const producer = await startService('producer', nats.url, { PRODUCE: 'rest', DRAIN_MS: '10000' })
    const generator = generate(broker, sourcesOf('summit'))
    await pause(WARM_MS)
    const figures = await measure({ producer, brokerPid: nats.pid, generator, seconds })
    generator.stop()
    await producer.stop()
    const stored = (await Promise.all(['TEL', 'EVT'].map(stream => streamState(broker, stream)))).map(
      s => s.lastSeq
    )
    const delivered = stored.reduce((sum, count) => sum + count, 0)
    return resultOf({ ...figures, delivered, expected: generator.counts.published })
  } finally {
    await stop()
  }
}

const pause = (ms: number): Promise<void> => new Promise(resolve => setTimeout(resolve, ms))

function sourcesOf(site: string): Source[] {
  const catalogue = loadCatalogue()
  return loadSite(site).instances.flatMap(({ csc, index }) => {
    const component = catalogue.component(csc)
    if (component === undefined) return []
    const source = (subjectOf: typeof rawEventOf, topic: Topic): Source => ({
      subject: subjectOf({ site, csc, index, topic: topic.name }),
      rateHz: component.rateOf(topic, index),
      values: randomValuesOf(topic),
      due: Math.random(),
      seqNum: 0
    })
    const telemetry = [...component.telemetry.values()].map(topic => source(rawTelemetryOf, topic))
    const events = [...component.events.values()].map(topic => source(rawEventOf, topic))
    return [...telemetry, ...events].filter(({ rateHz }) => rateHz > 0)
  })
}

function generate(broker: Broker, sources: readonly Source[]): Generator {
  const counts = { published: 0, bytes: 0 }
  const say = (source: Source, stamp: number): void => {
    const stamps = { private_sndStamp: stamp, private_seqNum: ++source.seqNum, private_origin: 1 }
    const payload = pack({ ...source.values, ...stamps })
    broker.publish(source.subject, payload)
    counts.published++
    counts.bytes += payload.length
  }
  const timer = setInterval(() => {
    const stamp = systemClock.taiSeconds()
    for (const source of sources)
      for (source.due += (source.rateHz * TICK_MS) / 1000; source.due >= 1; source.due--) say(source, stamp)
  }, TICK_MS)
  return { counts, stop: () => clearInterval(timer) }
}

interface Measured {
  readonly figures: Record<string, number>
  readonly generatorCores: number
}

async function measure(of: {
  producer: ServiceProcess
  brokerPid: number
  generator: Generator
  seconds: number
}): Promise<Measured> {
  const producerPid = of.producer.pid
  const from = { ...of.generator.counts }
  const watches = [watchCpu(producerPid), watchCpu(of.brokerPid), watchCpu()]
  await pause(of.seconds * 1000)
  const [producer, server, own] = watches.map(read => read())
  const messages = of.generator.counts.published - from.published
  return {
    generatorCores: own?.cores ?? 0,
    figures: {
      messagesPerSecond: Math.round(messages / of.seconds),
      rawMbPerSecond: rounded((of.generator.counts.bytes - from.bytes) / of.seconds / 1e6),
      producerCores: rounded(producer?.cores ?? 0, 3),
      producerUsPerMessage: rounded((producer?.us ?? 0) / messages, 1),
      brokerCores: rounded(server?.cores ?? 0, 3),
      generatorCores: rounded(own?.cores ?? 0, 3),
      producerResidentMb: Math.round(residentBytesOf(producerPid) / 1e6)
    }
  }
}

function resultOf(run: Measured & { delivered: number; expected: number }): BenchResult {
  const { delivered, expected, figures } = run
  const isGood = (figures['producerCores'] ?? 1) <= MOST_CORES && delivered >= expected
  return {
    id: 'P1',
    what: 'one producer carrying a whole summit',
    target: `at most ${MOST_CORES} of a core, everything stored`,
    figures: { ...figures, delivered, expected },
    reached: run.generatorCores > BUSIEST_GENERATOR ? 'invalid' : isGood,
    notes: []
  }
}
