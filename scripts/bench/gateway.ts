import { patternOf, subjectTable, telemetryOf } from '@meridian/subjects'
import { deliveryFigures, isValid, measureDelivery } from './delivery.ts'
import type { ClientsPlan } from './gateway-clients.ts'
import { createSampler, lastSeqOf, startGatewayWorld, startPublishing } from './gateway-world.ts'
import { benchOpening, benchOpeningsAtOnce } from './opening.ts'
import type { BenchOptions, BenchResult } from './result.ts'

const BENCH = { site: 'summit', csc: 'Bench', topic: 'topic' }
const ALL_OF_BENCH = [{ pattern: patternOf('tel', BENCH), quality: 'all' }]
const CLIENTS = 200
/** 500 messages a second on 50 subjects, each to every client. */
const TO_EVERYBODY = { perSecond: 500, subjects: 50, receivers: CLIENTS }
const BYTES = 200

const benches = [benchAlike, benchUnalike, benchDisjoint, benchOpening, benchOpeningsAtOnce, benchConsumers]

/** All of the gateway's benches, each with a broker and gateways of its own. */
export async function run(options: BenchOptions): Promise<readonly BenchResult[]> {
  const results: BenchResult[] = []
  for (const bench of benches) results.push(await bench(options))
  return results
}

/** B1: one message to 200 clients that all ask for the same. */
function benchAlike(options: BenchOptions): Promise<BenchResult> {
  return benchFanout(options, {
    id: 'B1',
    patterns: ALL_OF_BENCH,
    ...TO_EVERYBODY,
    targetUs: 0.7,
    what: 'gateway CPU per delivered 200 B message, 200 clients x 500 msg/s, identical views'
  })
}

/** B1b: the same, where no two clients ask for the same. */
function benchUnalike(options: BenchOptions): Promise<BenchResult> {
  return benchFanout(options, {
    id: 'B1b',
    patterns: ALL_OF_BENCH,
    own: 'silent',
    ...TO_EVERYBODY,
    targetUs: 1,
    what: 'the same, no two views alike'
  })
}

/** B1c: every message to one client only, so that neither a record nor a frame is shared. */
function benchDisjoint(options: BenchOptions): Promise<BenchResult> {
  return benchFanout(options, {
    id: 'B1c',
    patterns: [],
    own: 'telemetry',
    perSecond: 5_000,
    subjects: CLIENTS,
    receivers: 1,
    what: 'the same message to one client each, 200 clients with subjects of their own, 5,000 msg/s'
  })
}

/** What a run publishes and who asks for it. */
interface Fanout extends Pick<ClientsPlan, 'patterns' | 'own'> {
  readonly id: string
  readonly perSecond: number
  readonly subjects: number
  /** Clients that get each message. */
  readonly receivers: number
  /** Default: no target, for comparison. */
  readonly targetUs?: number
  readonly what: string
}

async function benchFanout({ seconds }: BenchOptions, fanout: Fanout): Promise<BenchResult> {
  const { id, what, patterns, own, perSecond, receivers, targetUs } = fanout
  const world = await startGatewayWorld(1)
  try {
    const subjects = Array.from({ length: fanout.subjects }, (_, i) => telemetryOf({ ...BENCH, index: i }))
    const clients = await world.startClients({
      clients: CLIENTS,
      patterns,
      ...(own !== undefined && { own })
    })
    const load = startPublishing(world.broker, { perSecond, subjects, payload: createSampler(BYTES) })
    const run = await measureDelivery({
      ...{ clients, receivers, seconds },
      serverPid: world.gateways[0]?.pid ?? 0,
      brokerPid: world.nats.pid,
      published: () => lastSeqOf(world.broker, 'TEL')
    })
    load.stop()
    return {
      id,
      what,
      target: targetUs === undefined ? 'none, for comparison' : `<= ${targetUs.toFixed(1)} us`,
      figures: deliveryFigures(run, 'gateway'),
      reached: isValid(run) ? run.perMessageUs <= (targetUs ?? Number.POSITIVE_INFINITY) : 'invalid',
      notes: [
        `${fanout.subjects} subjects, NATS ingest included; one of 50 clients decodes everything and looks for holes`
      ]
    }
  } finally {
    await world.close()
  }
}

const { tel, evt, script, ack } = subjectTable
const STREAMS = [tel, evt, script, ack].map(({ stream }) => stream)
const PODS = 2

/** B12: consumers at the broker with many clients on two gateways. */
async function benchConsumers(_options: BenchOptions): Promise<BenchResult> {
  const world = await startGatewayWorld(PODS)
  try {
    await world.startClients({
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
