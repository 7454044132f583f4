import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { eventOf, patternOf } from '@meridian/subjects'
import { waitFor } from '@meridian/testing'
import { rounded, watchCpu } from './cpu.ts'
import { createSampler, type GatewayWorld, settle, startGatewayWorld } from './gateway-world.ts'
import type { BenchOptions, BenchResult } from './result.ts'
import type { ResumeCount, ResumePlan } from './resume-clients.ts'

const CLIENTS = 10_000
const TOPICS = 10
/** Published while no client is connected; each gets all of them. */
const MISSED = 100
/** Short, so that what was missed must be read from the stream. */
const RING_MS = 500
const MOST_US = 150
const MOST_READS = 100
const TIMEOUT_MS = 120_000

const STORM = { site: 'summit', csc: 'Storm' }
const subjects = Array.from({ length: TOPICS }, (_, i) => eventOf({ ...STORM, index: 0, topic: `topic${i}` }))
const settings = {
  REBALANCE: 'false',
  MAX_CONNECTIONS: String(CLIENTS + 10),
  TARGET_CONNECTIONS: String(CLIENTS + 10),
  MAX_ACCEPTS_PER_SECOND: '10000',
  RING_MS: String(RING_MS)
}

/** B8: ten thousand clients whose gateway is killed resume on another one as fast as it takes them. */
export async function run(_options: BenchOptions): Promise<BenchResult> {
  const world = await startGatewayWorld(2, settings)
  const clients = startClients({ clients: CLIENTS, patterns: [{ pattern: patternOf('evt', STORM) }] })
  try {
    return resultOf(await measure(world, clients))
  } finally {
    clients.stop()
    await world.close()
  }
}

interface Resumed {
  readonly us: number
  readonly seconds: number
  readonly reads: number
  readonly generator: number
  readonly count: ResumeCount
  readonly expected: number
}

async function measure(world: GatewayWorld, clients: Resuming): Promise<Resumed> {
  const [first, second] = world.gateways
  const publish = createPublish(world)
  publish(TOPICS)
  await settle(2 * RING_MS)
  await clients.connect(first?.address ?? '')
  publish(TOPICS)
  await clients.until(({ received }) => received === CLIENTS * TOPICS, 'every client has the first events')
  process.kill(first?.pid ?? 0, 'SIGKILL')
  await clients.until(({ connected }) => connected === 0, 'every client lost its gateway')
  publish(MISSED - TOPICS)
  await settle(2 * RING_MS)
  // A ring drops what is old when something new comes.
  publish(TOPICS)
  await settle(RING_MS)

  let reads = 0
  const api = world.broker.subscribe('$JS.API.CONSUMER.CREATE.>', () => reads++)
  const cpuBefore = (await clients.count()).cpuUs
  const gateway = watchCpu(second?.pid)
  await clients.connect(second?.address ?? '')
  const { us, wallUs } = gateway()
  const generator = ((await clients.count()).cpuUs - cpuBefore) / wallUs
  api.unsubscribe()
  publish(TOPICS)
  const expected = CLIENTS * (TOPICS + MISSED + TOPICS)
  const count = await clients.until(({ received }) => received >= expected, 'every client has all')
  return { us, seconds: wallUs / 1e6, reads, generator, count, expected }
}

/** Messages on all subjects in turn, with one count over all of them. */
function createPublish({ broker }: GatewayWorld): (count: number) => void {
  const sample = createSampler(60)
  let next = 0
  return count => {
    for (let i = 0; i < count; i++) broker.publish(subjects[next++ % TOPICS] as string, sample('all'))
  }
}

interface Resuming {
  /** Resolves when all clients are live at this gateway. */
  connect(address: string): Promise<void>
  count(): Promise<ResumeCount>
  /** The first count that is as it should be, or the last one where that takes too long. */
  until(isDone: (count: ResumeCount) => boolean, what: string): Promise<ResumeCount>
  stop(): void
}

function startClients(plan: ResumePlan): Resuming {
  const program = fileURLToPath(new URL('resume-clients.ts', import.meta.url))
  const child = fork(program, [JSON.stringify(plan)], { execArgv: ['--import', 'tsx'] })
  const failed = failureOf(child)
  const ask = async (message: string | number): Promise<unknown> => {
    child.send(message)
    return (await Promise.race([once(child, 'message'), failed]))[0]
  }
  const count = async (): Promise<ResumeCount> => (await ask('count')) as ResumeCount
  return {
    count,
    connect: async address => void (await ask(Number(new URL(address).port))),
    async until(isDone, what) {
      let last = await count()
      await waitFor(
        async () => {
          last = await count()
          return isDone(last)
        },
        { what, timeoutMs: TIMEOUT_MS, everyMs: 200 }
      ).catch(() => {})
      return last
    },
    stop: () => void child.kill('SIGKILL')
  }
}

function failureOf(child: ChildProcess): Promise<never> {
  const failed = once(child, 'exit').then(([code]): never => {
    throw new Error(`the process of the clients ended with ${code}`)
  })
  failed.catch(() => {})
  return failed
}

function resultOf({ us, seconds, reads, generator, count, expected }: Resumed): BenchResult {
  const lost = expected - count.received + count.outOfOrder + count.notResumed
  const perResumeUs = us / CLIENTS
  return {
    id: 'B8',
    what: `${CLIENTS.toLocaleString('en')} clients resume on another gateway after theirs was killed, each ${MISSED} events behind`,
    target: `nothing lost, at most ${MOST_READS} reads of the stream for all, <= ${MOST_US} us of gateway CPU per resume`,
    figures: {
      'gateway CPU us per resume': rounded(perResumeUs, 1),
      'until all are live, s': rounded(seconds, 1),
      'delivered/expected': rounded(count.received / expected, 6),
      'out of order or doubled': count.outOfOrder,
      'told of a gap or an error': count.notResumed,
      'reads of the stream': reads,
      'generator busy %': rounded(generator * 100, 1)
    },
    reached: lost === 0 && reads <= MOST_READS && perResumeUs <= MOST_US,
    notes: [
      'no limit on accepts: the clients come as fast as both sides can. The generator is busy all the time, so the seconds are its own as well; CPU is that of the gateway, whose code was cold'
    ]
  }
}
