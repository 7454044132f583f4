import { once } from 'node:events'
import { type Broker, connectBroker } from '@meridian/broker'
import { encodeClientFrame, parseServerMessage } from '@meridian/protocol/live'
import { eventOf, rawEventOf } from '@meridian/subjects'
import { createTestLog, waitFor } from '@meridian/testing'
import { WebSocket } from 'ws'
import { rounded, summariseLatency, watchCpu } from './cpu.ts'
import { settle } from './gateway-world.ts'
import { type BenchOptions, type BenchResult, BUSIEST_GENERATOR } from './result.ts'
import { startSummit } from './summit.ts'

/** An event that the simulator sends at a command only. */
const TOPIC = { site: 'summit', csc: 'Test', index: 42, topic: 'scalars' }
const EVERY_MS = 20
const LAST_MS = 2_000
const MOST_MS = { p50: 1, p99: 5 }
const LEAST_RECEIVED = 0.999

interface Probe {
  /** When each number came, by performance.now(). */
  readonly arrivals: ReadonlyMap<number, number>
  close(): void
}

/**
 * B4: how long an event takes from the device's publish to a client, through producer, JetStream and gateway,
 * while the whole summit runs.
 */
export async function run({ seconds }: BenchOptions): Promise<BenchResult> {
  const summit = await startSummit()
  try {
    const broker = await connectBroker({ servers: summit.nats, name: 'bench', log: createTestLog() })
    const probe = await openProbe(summit.ready['gateway-1'] ?? '')
    const cpu = watchCpu()
    const departures = await sendEvents(broker, seconds)
    await waitFor(() => probe.arrivals.size === departures.size, {
      what: 'every event',
      timeoutMs: LAST_MS
    }).catch(() => {})
    const busy = cpu().cores
    probe.close()
    await broker.drain()
    return resultOf(departures, probe.arrivals, busy)
  } finally {
    await summit.stop()
  }
}

async function openProbe(address: string): Promise<Probe> {
  const arrivals = new Map<number, number>()
  const ws = new WebSocket(new URL('/live', address), ['meridian.v1.msgpack'], { perMessageDeflate: false })
  const live = new Promise<void>(resolve => {
    ws.on('message', data => {
      const at = performance.now()
      for (const record of parseServerMessage(data as Buffer))
        if (!('op' in record)) arrivals.set(Number(record[3]['int0']), at)
        else if (record.op === 'live') resolve()
    })
  })
  await once(ws, 'open')
  const patterns = [{ pattern: eventOf(TOPIC) }]
  ws.send(encodeClientFrame('msgpack', { op: 'subscribe', id: 1, patterns }))
  await live
  arrivals.clear()
  return { arrivals, close: () => ws.close() }
}

/** When each number was published. */
async function sendEvents(broker: Broker, seconds: number): Promise<ReadonlyMap<number, number>> {
  const departures = new Map<number, number>()
  const subject = rawEventOf(TOPIC)
  for (let n = 1; n <= (seconds * 1000) / EVERY_MS; n++) {
    departures.set(n, performance.now())
    broker.publish(subject, JSON.stringify({ int0: n }))
    await settle(EVERY_MS)
  }
  return departures
}

function resultOf(
  departures: ReadonlyMap<number, number>,
  arrivals: ReadonlyMap<number, number>,
  busy: number
): BenchResult {
  const latencies = [...arrivals].map(([n, at]) => at - (departures.get(n) ?? Number.NaN))
  const { median, p90, p95, p99, avg, min, max } = summariseLatency(latencies)
  const share = arrivals.size / departures.size
  return {
    id: 'B4',
    what: "from a device's publish through producer, JetStream and gateway to a client: events, whole summit running",
    target: `p50 <= ${MOST_MS.p50} ms, p99 <= ${MOST_MS.p99} ms`,
    figures: {
      'p50 ms': rounded(median),
      'p90 ms': rounded(p90),
      'p95 ms': rounded(p95),
      'p99 ms': rounded(p99),
      'avg ms': rounded(avg),
      'min ms': rounded(min),
      'max ms': rounded(max),
      'success rate': rounded(share, 4),
      'generator busy %': rounded(busy * 100, 1)
    },
    reached:
      busy <= BUSIEST_GENERATOR && share >= LEAST_RECEIVED
        ? median <= MOST_MS.p50 && p99 <= MOST_MS.p99
        : 'invalid',
    notes: [
      `${departures.size} events, one every ${EVERY_MS} ms; device and client are one process, so that one clock measures`
    ]
  }
}
