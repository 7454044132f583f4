import { eventOf, patternOf } from '@meridian/subjects'
import { rounded } from './cpu.ts'
import { deliveryFigures, isValid, measureDelivery } from './delivery.ts'
import { createSampler, lastSeqOf, startGatewayWorld, startPublishing } from './gateway-world.ts'
import type { BenchOptions, BenchResult } from './result.ts'

const BENCH = { site: 'summit', csc: 'Bench', topic: 'topic' }
const CLIENTS = 200
const SUBJECTS = 50
const PER_SECOND = 100
const BYTES = 200
const LEAST_PER_SECOND = 60_000
/** With more records in a frame, what was measured is batching. */
const MOST_PER_FRAME = 1.2

/** B3: events that come one by one, each of which goes to 200 clients at once, in a frame of its own. */
export async function run({ seconds }: BenchOptions): Promise<BenchResult> {
  const world = await startGatewayWorld(1)
  try {
    const subjects = Array.from({ length: SUBJECTS }, (_, i) => eventOf({ ...BENCH, index: i }))
    const clients = await world.startClients({
      clients: CLIENTS,
      patterns: [{ pattern: patternOf('evt', BENCH) }]
    })
    const load = startPublishing(world.broker, {
      ...{ perSecond: PER_SECOND, subjects },
      payload: createSampler(BYTES)
    })
    const run = await measureDelivery({
      ...{ clients, receivers: CLIENTS, seconds },
      serverPid: world.gateways[0]?.pid ?? 0,
      brokerPid: world.nats.pid,
      published: () => lastSeqOf(world.broker, 'EVT')
    })
    load.stop()
    const perSecond = run.delivered / (run.server.us / 1e6)
    const perFrame = run.delivered / run.frames
    return {
      id: 'B3',
      what: `unbatched events of ${BYTES} B, ${CLIENTS} clients x ${PER_SECOND} events/s`,
      target: `>= ${LEAST_PER_SECOND.toLocaleString('en')} delivered per second of gateway CPU`,
      figures: {
        'delivered per CPU second': Math.round(perSecond),
        'events per frame': rounded(perFrame),
        ...deliveryFigures(run, 'gateway')
      },
      reached: isValid(run) && perFrame <= MOST_PER_FRAME ? perSecond >= LEAST_PER_SECOND : 'invalid',
      notes: ['NATS ingest included; each event is written to each client by itself, with its cursor']
    }
  } finally {
    await world.close()
  }
}
