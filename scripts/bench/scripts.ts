/** What a night of scripts costs who opens the view of their queue: after 10,000 of them as after 100. */
import { type Broker, streamState } from '@meridian/broker'
import { loadCatalogue, type Topic } from '@meridian/catalogue'
import { encodeMsgpack, type Fields } from '@meridian/msgpack'
import { patternOf, QUEUE_STATE_CSC, rawEventOf } from '@meridian/subjects'
import { waitFor } from '@meridian/testing'
import { settingsInBase } from '../deploy/settings-in-base.ts'
import { residentBytesOf, rounded, summariseLatency } from './cpu.ts'
import { type GatewayWorld, settle, startGatewayWorld } from './gateway-world.ts'
import { openView } from './open-view.ts'
import { randomValuesOf } from './random-values.ts'
import type { BenchOptions, BenchResult } from './result.ts'
import { type ServiceProcess, startService } from './service-process.ts'

const SITE = 'summit'
const QUEUE = 1
/** Scripts of the first queue have indices from here on. */
const FIRST_SCRIPT = 100_000
const FEW = 100
const MANY = 10_000
const LISTED = 400
const OPENINGS = 60
const MOST_RATIO = 1.2
/** What a Script says once, and what its queue says of it. */
const SAID = ['metadata', 'description', 'state', 'checkpoints'] as const

/** Q1: the snapshot of a queue's view, and what the stream of scripts and the processes hold. */
export async function run(_options: BenchOptions): Promise<BenchResult> {
  const heapOf = (service: string) => ({ NODE_OPTIONS: settingsInBase(service).get('NODE_OPTIONS') ?? '' })
  const world = await startGatewayWorld(1, heapOf('gateway'))
  const producer = await startService('producer', world.nats.url, {
    ...heapOf('producer'),
    PRODUCE: `ScriptQueue:${QUEUE}`
  })
  try {
    await runScripts(world, 0, FEW)
    const few = await look(world, producer)
    await runScripts(world, FEW, MANY)
    const many = await look(world, producer)
    const ratio = many.ms / few.ms
    return {
      id: 'Q1',
      what: `opening the view of a script queue after ${MANY} scripts, beside that after ${FEW}`,
      target: `at most ${MOST_RATIO} of the time, by the median`,
      figures: {
        ratio: rounded(ratio, 2),
        'few ms': rounded(few.ms, 2),
        'many ms': rounded(many.ms, 2),
        'stream MiB, few': rounded(few.streamMib, 1),
        'stream MiB, many': rounded(many.streamMib, 1),
        'producer MiB, few': rounded(few.producerMib, 0),
        'producer MiB, many': rounded(many.producerMib, 0),
        'gateway MiB, few': rounded(few.gatewayMib, 0),
        'gateway MiB, many': rounded(many.gatewayMib, 0)
      },
      reached: ratio <= MOST_RATIO,
      notes: [
        `${SAID.length + 2} events a script; ${OPENINGS} openings one after another, from connecting to the complete snapshot`,
        'producer and gateway with the heap of an overlay; SCRIPT holds 1 GiB and a day at most, on a laptop 128 MiB'
      ]
    }
  } finally {
    await producer.stop()
    await world.close()
  }
}

const catalogue = loadCatalogue()
const eventOfCatalogue = (csc: string, name: string): Topic => {
  const topic = catalogue.component(csc)?.events.get(name)
  if (topic === undefined) throw new Error(`the catalogue has no ${csc} ${name}`)
  return topic
}

/** Each of these scripts is queued, speaks, and ends. */
async function runScripts({ broker }: GatewayWorld, from: number, to: number): Promise<void> {
  for (let n = from; n < to; n++) {
    const index = FIRST_SCRIPT + n
    say(broker, { csc: 'ScriptQueue', index: QUEUE, topic: 'queue' }, listsAt(n))
    for (const topic of SAID) say(broker, { csc: 'Script', index, topic })
    say(broker, { csc: 'ScriptQueue', index: QUEUE, topic: 'script' }, { scriptSalIndex: index })
    if (n % 50 === 49) await settle(50)
  }
  await waitFor(async () => (await streamState(broker, 'SCRIPT')).lastSeq >= to * (SAID.length + 1), {
    what: 'all events are stored',
    timeoutMs: 120_000
  })
  await settle(2_000)
}

interface Said {
  readonly csc: string
  readonly index: number
  readonly topic: string
}

function say(broker: Broker, { csc, index, topic }: Said, fields: Fields = {}): void {
  const values = { ...randomValuesOf(eventOfCatalogue(csc, topic)), ...fields }
  broker.publish(rawEventOf({ site: SITE, csc, index, topic }), encodeMsgpack(values))
}

/** The queue's own lists: one script runs, the last ones are finished. */
function listsAt(n: number): Fields {
  const past = Array.from({ length: Math.min(n, LISTED) }, (_, i) => FIRST_SCRIPT + n - 1 - i)
  return {
    currentSalIndex: FIRST_SCRIPT + n,
    length: 0,
    pastLength: past.length,
    pastSalIndices: [...past, ...Array.from({ length: LISTED - past.length }, () => 0)]
  }
}

interface Looked {
  readonly ms: number
  readonly streamMib: number
  readonly producerMib: number
  readonly gatewayMib: number
}

async function look({ broker, gateways }: GatewayWorld, producer: ServiceProcess): Promise<Looked> {
  const [gateway] = gateways
  const times: number[] = []
  for (let i = 0; i < OPENINGS; i++) times.push(await openQueue(gateway?.address ?? ''))
  const mib = (bytes: number): number => bytes / 2 ** 20
  return {
    ms: summariseLatency(times.slice(OPENINGS / 3)).median,
    streamMib: mib((await streamState(broker, 'SCRIPT')).bytes),
    producerMib: mib(residentBytesOf(producer.pid)),
    gatewayMib: mib(residentBytesOf(gateway?.pid ?? 0))
  }
}

/** Ms until the snapshot of a queue's state is whole. Throws where it holds none of the queue. */
async function openQueue(address: string): Promise<number> {
  const { ms, topics } = await openView(
    address,
    patternOf('evt', { site: SITE, csc: QUEUE_STATE_CSC, index: QUEUE })
  )
  if (topics === 0) throw new Error('the snapshot holds no state of the queue')
  return ms
}
