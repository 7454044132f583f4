import { encodeClientFrame, parseServerMessage, type ServerRecord } from '@meridian/protocol/live'
import { eventOf, patternOf, subjectTable, telemetryOf } from '@meridian/subjects'
import { WebSocket } from 'ws'
import { rounded, summariseLatency, watchCpu } from './cpu.ts'
import type { ClientsPlan } from './gateway-clients.ts'
import { createSampler, lastSeqOf, settle, startGatewayWorld, startPublishing } from './gateway-world.ts'
import { type BenchOptions, type BenchResult, BUSIEST_GENERATOR } from './result.ts'

const BENCH = { site: 'summit', csc: 'Bench', topic: 'topic' }
const ALL_OF_BENCH = [{ pattern: patternOf('tel', BENCH), quality: 'all' }]
const SUMMARY = { site: 'summit', csc: 'Summary', topic: 'summaryState' }
const CLIENTS = 200
/** 500 messages a second on 50 subjects, each to every client. */
const TO_EVERYBODY = { perSecond: 500, subjects: 50, receivers: CLIENTS }
const BYTES = 200
const WARM_UP_MS = 3_000
const LEAST_DELIVERED = 0.99

/** All of the gateway's benches, each with a broker and gateways of its own. */
export async function run(options: BenchOptions): Promise<readonly BenchResult[]> {
  const results: BenchResult[] = []
  for (const bench of [benchAlike, benchUnalike, benchDisjoint, benchSnapshot, benchConsumers])
    results.push(await bench(options))
  return results
}

/** B1: one message to 200 clients that all ask for the same. */
export const benchAlike = (options: BenchOptions): Promise<BenchResult> =>
  benchFanout(options, {
    id: 'B1',
    patterns: ALL_OF_BENCH,
    ...TO_EVERYBODY,
    targetUs: 0.7,
    what: 'gateway CPU per delivered 200 B message, 200 clients x 500 msg/s, identical views'
  })

/** B1b: the same, where no two clients ask for the same. */
export const benchUnalike = (options: BenchOptions): Promise<BenchResult> =>
  benchFanout(options, {
    id: 'B1b',
    patterns: ALL_OF_BENCH,
    own: 'silent',
    ...TO_EVERYBODY,
    targetUs: 1,
    what: 'the same, no two views alike'
  })

/** B1c: every message to one client only, so that neither a record nor a frame is shared. */
export const benchDisjoint = (options: BenchOptions): Promise<BenchResult> =>
  benchFanout(options, {
    id: 'B1c',
    patterns: [],
    own: 'telemetry',
    perSecond: 5_000,
    subjects: CLIENTS,
    receivers: 1,
    what: 'the same message to one client each, 200 clients with subjects of their own, 5,000 msg/s'
  })

/** What a run publishes and who asks for it. */
interface Fanout extends Omit<ClientsPlan, 'port' | 'clients'> {
  readonly id: string
  readonly perSecond: number
  readonly subjects: number
  /** Clients that get each message. */
  readonly receivers: number
  /** Default: no target, for comparison. */
  readonly targetUs?: number
  readonly what: string
}

async function benchFanout(
  { seconds }: BenchOptions,
  { id, what, patterns, own, perSecond, subjects, receivers, targetUs }: Fanout
): Promise<BenchResult> {
  const world = await startGatewayWorld(1)
  try {
    const all = Array.from({ length: subjects }, (_, i) => telemetryOf({ ...BENCH, index: i }))
    const plan = { clients: CLIENTS, patterns, ...(own !== undefined && { own }) }
    const clients = await world.startClients(plan)
    const stop = startPublishing(world.broker, all, { perSecond, bytes: BYTES })
    await settle(WARM_UP_MS)
    const before = await clients.count()
    const seqBefore = await lastSeqOf(world.broker, 'TEL')
    const gateway = watchCpu(world.gateways[0]?.pid)
    const publisher = watchCpu()
    const broker = watchCpu(world.nats.pid)
    await settle(seconds * 1000)
    const after = await clients.count()
    const [used, published, stored] = [gateway(), publisher(), broker()]
    const messages = (await lastSeqOf(world.broker, 'TEL')) - seqBefore
    stop()
    clients.stop()
    const delivered = after.records - before.records
    const generator = (after.cpuUs - before.cpuUs) / used.wallUs
    const share = delivered / (messages * receivers)
    const perMessageUs = used.us / delivered
    const isValid = generator <= BUSIEST_GENERATOR && share >= LEAST_DELIVERED && after.holes === 0
    return {
      id,
      what,
      target: targetUs === undefined ? 'none, for comparison' : `<= ${targetUs.toFixed(1)} us`,
      figures: {
        'us per delivered message': rounded(perMessageUs, 3),
        'delivered per second': Math.round(delivered / (used.wallUs / 1e6)),
        'delivered/expected': rounded(share, 4),
        'bytes per message': rounded((after.bytes - before.bytes) / delivered, 1),
        'gateway % of a core': rounded(used.cores * 100, 1),
        'generator busy %': rounded(generator * 100, 1),
        'publisher busy %': rounded(published.cores * 100, 1),
        'nats-server % of a core': rounded(stored.cores * 100, 1),
        'messages out of order or lost': after.holes
      },
      reached: isValid ? perMessageUs <= (targetUs ?? Number.POSITIVE_INFINITY) : 'invalid',
      notes: [
        `${messages} messages on ${subjects} subjects in ${rounded(used.wallUs / 1e6, 1)} s, NATS ingest included; ${after.decoders} of ${CLIENTS} clients decode everything`
      ]
    }
  } finally {
    await world.close()
  }
}

const SUMMARY_TOPICS = 526
const OPENINGS = 40

/** B5: from opening a socket to the complete snapshot of 526 topics. */
export async function benchSnapshot(_options: BenchOptions): Promise<BenchResult> {
  const world = await startGatewayWorld(1)
  try {
    const sample = createSampler(300)
    const subjects = Array.from({ length: SUMMARY_TOPICS }, (_, i) => eventOf({ ...SUMMARY, index: i }))
    for (const subject of subjects) world.broker.publish(subject, sample(subject))
    await settle(1_000)
    const latencies: number[] = []
    let complete = 0
    for (let i = 0; i < OPENINGS; i++) {
      const { ms, topics } = await openSummary(world.gateways[0]?.address ?? '')
      latencies.push(ms)
      if (topics === SUMMARY_TOPICS) complete++
    }
    const summary = summariseLatency(latencies)
    return {
      id: 'B5',
      what: `opening a view of ${SUMMARY_TOPICS} topics, from connecting to the complete snapshot`,
      target: 'p95 <= 30 ms',
      figures: {
        'p50 ms': rounded(summary.median, 1),
        'avg ms': rounded(summary.avg, 1),
        'min ms': rounded(summary.min, 1),
        'p90 ms': rounded(summary.p90, 1),
        'p95 ms': rounded(summary.p95, 1),
        'p99 ms': rounded(summary.p99, 1),
        'max ms': rounded(summary.max, 1),
        'success rate': complete / OPENINGS
      },
      reached: complete === OPENINGS ? summary.p95 <= 30 : 'invalid',
      notes: [
        `${OPENINGS} openings one after another, decoded in the bench's own process; the bound is held by p95`
      ]
    }
  } finally {
    await world.close()
  }
}

function openSummary(address: string): Promise<{ ms: number; topics: number }> {
  const from = performance.now()
  const ws = new WebSocket(new URL('/live', address), ['meridian.v1.msgpack'])
  const topics = new Set<number>()
  return new Promise((resolve, reject) => {
    ws.on('error', reject)
    ws.on('open', () =>
      ws.send(
        encodeClientFrame('msgpack', {
          op: 'subscribe',
          id: 1,
          patterns: [{ pattern: patternOf('evt', SUMMARY) }]
        })
      )
    )
    ws.on('message', data => {
      for (const record of parseServerMessage(data as Buffer))
        if (isData(record)) topics.add(record[0])
        else if (record.op === 'live') {
          resolve({ ms: performance.now() - from, topics: topics.size })
          ws.close()
        }
    })
  })
}

const isData = (record: ServerRecord): record is Extract<ServerRecord, readonly unknown[]> =>
  Array.isArray(record)

const { tel, evt, script, ack } = subjectTable
const STREAMS = [tel, evt, script, ack].map(({ stream }) => stream)
const PODS = 2

/** B12: consumers at the broker with many clients on two gateways. */
export async function benchConsumers(_options: BenchOptions): Promise<BenchResult> {
  const world = await startGatewayWorld(PODS)
  try {
    const clients = await world.startClients({
      clients: CLIENTS,
      patterns: [{ pattern: '>' }],
      own: 'silent'
    })
    let consumers = 0
    for (const stream of STREAMS) {
      const { state } = (await world.jetstream(`STREAM.INFO.${stream}`)) as {
        state: { consumer_count: number }
      }
      consumers += state.consumer_count
    }
    clients.stop()
    return {
      id: 'B12',
      what: 'JetStream consumers, whatever the number of clients',
      target: 'streams x pods',
      figures: { consumers, streams: STREAMS.length, pods: PODS, clients: CLIENTS },
      reached: consumers === STREAMS.length * PODS,
      notes: []
    }
  } finally {
    await world.close()
  }
}
