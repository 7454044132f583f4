/**
 * H1: what a plot costs. Eight minutes of one element of a large array at 50 Hz, and of one number at 20 Hz,
 * asked of an api process while the stream holds many other subjects in between. What is written to the stream meanwhile
 * waits for the reads: that is measured too.
 */

import { setTimeout as pause } from 'node:timers/promises'
import { append, type Broker, streamState } from '@meridian/broker'
import { startTestSite } from '@meridian/broker/testing'
import { loadCatalogue } from '@meridian/catalogue'
import { createFieldsWriter } from '@meridian/msgpack'
import { encodeSample } from '@meridian/sample'
import { telemetryOf } from '@meridian/subjects'
import { type TestNats, waitFor } from '@meridian/testing'
import { taiSecondsOf } from '@meridian/time'
import { pack } from 'msgpackr'
import { rounded, watchCpu } from './cpu.ts'
import type { BenchOptions, BenchResult } from './result.ts'
import { type ServiceProcess, startService } from './service-process.ts'

const MINUTES = 8
const OTHERS_PER_SAMPLE = 8
const REPEATS = 3
const MOST_WALL_MS = 2_000
const WRITE_EVERY_MS = 5
const ALONE_MS = 1_000

const plots = [
  { csc: 'MTM1M3', topic: 'forceActuatorData', field: 'primaryCylinderForce', index: 3, rateHz: 50 },
  { csc: 'MTMount', topic: 'azimuth', field: 'actualPosition', index: undefined, rateHz: 20 }
] as const
type Plot = (typeof plots)[number]

/** Runs the bench; how long it measures is the length of the histories. */
export async function run(_options: BenchOptions): Promise<BenchResult> {
  const { nats, broker, stop } = await startTestSite()
  let api: ServiceProcess | undefined
  try {
    const now = taiSecondsOf(Date.now())
    for (const plot of plots) await fill(broker, plot, now)
    api = await startService('api', nats.url)
    const measured = []
    for (const plot of plots) measured.push(await measure(plot, { api, nats, broker, now }))
    return resultOf(measured)
  } finally {
    await api?.stop()
    await stop()
  }
}

async function fill(broker: Broker, plot: Plot, now: number): Promise<void> {
  const { csc, topic, rateHz } = plot
  const count = MINUTES * 60 * rateHz
  const fields = fieldsOf(plot)
  const other = pack({ value: 1.5, padding: 'x'.repeat(80) })
  const subject = telemetryOf({ site: 'summit', csc, index: 0, topic })
  const before = (await streamState(broker, 'TEL')).lastSeq
  for (let i = 0; i < count; i++) {
    broker.publish(subject, sampleOf(fields(i), now - (count - i) / rateHz))
    for (let n = 0; n < OTHERS_PER_SAMPLE; n++)
      broker.publish(
        telemetryOf({ site: 'summit', csc: 'Other', index: n, topic: `topic${i % 7}` }),
        sampleOf(other, now)
      )
    if (i % 200 === 0) await broker.flush()
  }
  const wanted = before + count * (1 + OTHERS_PER_SAMPLE)
  await waitFor(async () => (await streamState(broker, 'TEL')).lastSeq >= wanted, {
    what: 'everything is stored',
    timeoutMs: 30_000
  })
}

/** Fields of the topic in the types of the catalogue, by the number of the sample. */
function fieldsOf({ csc, topic }: Plot): (n: number) => Uint8Array {
  const fields = loadCatalogue().component(csc)?.telemetry.get(topic)?.fields ?? []
  const write = createFieldsWriter(fields)
  return n =>
    write(
      Object.fromEntries(
        fields.map(({ name, type, count }) => {
          const one = (i: number): number =>
            type === 'float' || type === 'double' ? Math.sin(n / 50 + i) * 1_000 : n % 100
          return [name, count > 1 ? Array.from({ length: count }, (_, i) => one(i)) : one(0)]
        })
      )
    )
}

const sampleOf = (fields: Uint8Array, sndStamp: number): Uint8Array =>
  encodeSample({
    sndStamp,
    rcvStamp: sndStamp,
    seqNum: 1,
    origin: 1,
    identity: 'bench',
    revCode: '',
    fields,
    uncatalogued: false
  })

interface Measured {
  readonly plot: Plot
  readonly values: number
  readonly complete: boolean
  readonly wallMs: number
  readonly apiMs: number
  readonly natsMs: number
  /** Longest answer to a write, ms: while nothing is read, and during the reads. */
  readonly writeMs: { readonly alone: number; readonly beside: number }
}

/** The fastest of some, for the machine is shared; CPU is the mean of all. */
async function measure(
  plot: Plot,
  { api, nats, broker, now }: { api: ServiceProcess; nats: TestNats; broker: Broker; now: number }
): Promise<Measured> {
  const { csc, topic, field, index, rateHz } = plot
  const texts = {
    topic: telemetryOf({ site: 'summit', csc, index: 0, topic }),
    field,
    ...(index !== undefined && { index: String(index) }),
    from: String(now - MINUTES * 60),
    to: String(now)
  }
  const url = `${api.address}/api/history?${new URLSearchParams(texts)}`
  const ask = async (): Promise<Answer> => (await fetch(url)).json() as Promise<Answer>
  await ask()
  const alone = await slowestWrite(broker, () => pause(ALONE_MS))
  const apiCpu = watchCpu(api.pid)
  const natsCpu = watchCpu(nats.pid)
  const walls: number[] = []
  let answer: Answer | undefined
  const beside = await slowestWrite(broker, async () => {
    for (let i = 0; i < REPEATS; i++) {
      const startMs = performance.now()
      answer = await ask()
      walls.push(performance.now() - startMs)
    }
  })
  const values = answer?.buckets.reduce((sum, [, , , count]) => sum + count, 0) ?? 0
  return {
    plot,
    values,
    complete: answer?.complete === true && values === MINUTES * 60 * rateHz,
    wallMs: Math.min(...walls),
    apiMs: apiCpu().us / 1000 / REPEATS,
    natsMs: natsCpu().us / 1000 / REPEATS,
    writeMs: { alone, beside }
  }
}

/** The longest time, ms, for which a write to TEL waited for its answer, one after the other while `work` runs. */
async function slowestWrite(broker: Broker, work: () => Promise<unknown>): Promise<number> {
  const subject = telemetryOf({ site: 'summit', csc: 'Other', index: 0, topic: 'written' })
  let mostMs = 0
  let isOver = false
  const writing = (async () => {
    while (!isOver) {
      const startMs = performance.now()
      await append(broker, { subject, data: 'x' })
      mostMs = Math.max(mostMs, performance.now() - startMs)
      await pause(WRITE_EVERY_MS)
    }
  })()
  await work()
  isOver = true
  await writing
  return mostMs
}

interface Answer {
  readonly complete: boolean
  readonly buckets: readonly (readonly [number, number, number, number])[]
}

function resultOf(measured: readonly Measured[]): BenchResult {
  const figures = measured.map(({ plot, values, complete, wallMs, apiMs, natsMs, writeMs }) => [
    `${plot.csc} ${plot.field}`,
    `${values} values${complete ? '' : ', not complete'}: ${rounded(wallMs, 0)} ms; CPU ms: api ${rounded(apiMs, 0)}, nats-server ${rounded(natsMs, 0)}; a write to the stream waits at most ${rounded(writeMs.beside, 0)} ms (${rounded(writeMs.alone, 0)} without a read)`
  ])
  return {
    id: 'H1',
    what: `a plot of ${MINUTES} minutes, ${OTHERS_PER_SAMPLE} messages of other subjects between any two of its own`,
    target: `complete, in at most ${MOST_WALL_MS} ms`,
    figures: Object.fromEntries(figures),
    reached: measured.every(({ complete, wallMs }) => complete && wallMs <= MOST_WALL_MS),
    notes: [`wall time is the least of ${REPEATS}, CPU the mean; everything was stored within seconds`]
  }
}
