// B9: what the publisher costs. It publishes as fast as the broker acknowledges, 2,000 subjects of TEL in
// turn, with ids, to one nats-server with file storage; then the same with the encoding of a sample of twenty
// fields for each message. CPU is that of this whole process, generator included.

import { availableParallelism, loadavg } from 'node:os'
import { setTimeout as sleep } from 'node:timers/promises'
import { createPublisher, type Publisher, streamTable } from '@meridian/broker'
import { startTestSite } from '@meridian/broker/testing'
import { createFieldsWriter, type FieldSpec } from '@meridian/msgpack'
import { encodeSample } from '@meridian/sample'
import { telemetryOf } from '@meridian/subjects'
import { type CpuShare, rounded, watchCpu } from './cpu.ts'
import type { BenchOptions, BenchResult } from './result.ts'

const SUBJECTS = 2_000
const PAYLOAD_BYTES = 300
const FIELDS = 20
const WARM_UP_MS = 1_500
/**
 * Messages handed over and not yet acknowledged: twice the window, so that the publisher never waits for the
 * generator.
 */
const AHEAD = 4_000
const LEAST_BUSY = 0.33
const TARGET_PER_SECOND = 100_000
const TARGET_US = 6
const TARGET_ENCODED_US = 10

type Source = (n: number) => { readonly subject: string; readonly data: Uint8Array; readonly id: string }

interface Measured {
  readonly acked: number
  readonly seconds: number
  readonly own: CpuShare
  readonly server: CpuShare
  readonly stats: ReturnType<Publisher['stats']>
}

/** Runs B9 twice: with samples that are encoded already, and with encoding. */
export async function run({ seconds }: BenchOptions): Promise<BenchResult> {
  const plain = await measure(preEncoded(), seconds)
  const encoded = await measure(encoding(), seconds)
  const us = plain.own.us / plain.acked
  const perSecond = plain.acked / plain.seconds
  const encodedUs = encoded.own.us / encoded.acked
  return {
    id: 'B9',
    what: 'publisher alone, with ids, one message per subject in flight',
    target:
      '>= 100,000 acked/s and <= 6 us of CPU for 300 B pre-encoded; <= 10 us with encoding of 20 fields',
    figures: { ...figuresOf('', plain), ...figuresOf('encoded ', encoded) },
    reached:
      isStarved(plain) || isStarved(encoded)
        ? 'invalid'
        : perSecond >= TARGET_PER_SECOND && us <= TARGET_US && encodedUs <= TARGET_ENCODED_US,
    notes: [
      'CPU is of the whole process: publisher, nats.js, garbage collection and the loop that makes the load',
      `this process was busy ${rounded(plain.own.cores)} and ${rounded(encoded.own.cores)} of a core, the server ${rounded(plain.server.cores)} and ${rounded(encoded.server.cores)}`,
      `load of the machine at the end: ${rounded(loadavg()[0] ?? 0)} on ${availableParallelism()} cores`
    ]
  }
}

/**
 * Neither side had work to do for a third of a core: the machine was busy with something else, and small
 * batches cost more each.
 */
const isStarved = ({ own, server }: Measured): boolean => own.cores < LEAST_BUSY && server.cores < LEAST_BUSY

function figuresOf(prefix: string, { acked, seconds, own, server, stats }: Measured): Record<string, number> {
  return {
    [`${prefix}acked per s`]: Math.round(acked / seconds),
    [`${prefix}CPU us per message`]: rounded(own.us / acked),
    [`${prefix}server CPU us per message`]: rounded(server.us / acked),
    [`${prefix}delivered of expected`]: rounded(stats.acked / stats.published, 4),
    [`${prefix}duplicates`]: stats.duplicates,
    [`${prefix}retried`]: stats.retried
  }
}

async function measure(source: Source, seconds: number): Promise<Measured> {
  const { nats, broker, log, stop } = await startTestSite({ streams: streamTable('bench', 'laptop') })
  try {
    const publisher = createPublisher(broker, { log })
    const next = await load(publisher, source, 0, WARM_UP_MS)
    const before = publisher.stats().acked
    const own = watchCpu()
    const server = watchCpu(nats.pid)
    const from = performance.now()
    await load(publisher, source, next, seconds * 1000)
    const acked = publisher.stats().acked - before
    const measured = { acked, seconds: (performance.now() - from) / 1000, own: own(), server: server() }
    await publisher.flush(10_000)
    return { ...measured, stats: publisher.stats() }
  } finally {
    await stop()
  }
}

async function load(publisher: Publisher, source: Source, first: number, forMs: number): Promise<number> {
  const until = performance.now() + forMs
  let n = first
  while (performance.now() < until) {
    for (let room = AHEAD - publisher.stats().pending; room > 0; room--)
      publisher.publish({ ...source(n++), kind: 'telemetry' })
    await sleep(1)
  }
  return n
}

const subjects = Array.from({ length: SUBJECTS }, (_, n) =>
  telemetryOf({ site: 'bench', csc: 'Bench', index: n % 50, topic: `topicOfSomeLength${n}` })
)
const subjectOf = (n: number): string => subjects[n % SUBJECTS] as string
const idOf = (n: number): string => `Bench:${n % 50}:topicOfSomeLength:4711:${n}:1795292928.625`

function preEncoded(): Source {
  const data = new Uint8Array(PAYLOAD_BYTES).fill(0x61)
  return n => ({ subject: subjectOf(n), data, id: idOf(n) })
}

function encoding(): Source {
  const specs: FieldSpec[] = Array.from({ length: FIELDS }, (_, i) => ({
    name: `measurement${i}`,
    type: 'double',
    count: 1
  }))
  const write = createFieldsWriter(specs)
  const values = Object.fromEntries(specs.map(({ name }, i) => [name, i * 1.25]))
  const common = { origin: 4711, identity: 'Bench:1', revCode: 'a1b2c3d4', uncatalogued: false }
  return n => {
    values['measurement0'] = n / 7
    const stamps = { sndStamp: 1795292928.625 + n / 1000, rcvStamp: 1795292928.63 + n / 1000, seqNum: n }
    return {
      subject: subjectOf(n),
      data: encodeSample({ ...common, ...stamps, fields: write(values) }),
      id: idOf(n)
    }
  }
}
