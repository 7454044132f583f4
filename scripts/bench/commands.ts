/**
 * B10: what Meridian adds to a command. Pairs, one after the other: the component asked directly, then asked
 * through a commander until the stage that says complete; and how long the HTTP door takes to accept at 100
 * commands a second. Broker, commanders, door and components are processes of their own.
 */

import { type ChildProcess, fork } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import type { Broker } from '@meridian/broker'
import { startTestSite } from '@meridian/broker/testing'
import {
  type AckRecord,
  type ExecRequest,
  isAckRecord,
  isObject,
  isTerminal
} from '@meridian/protocol/commands'
import { commandOf, execOf } from '@meridian/subjects'
import { waitFor } from '@meridian/testing'
import { type LatencySummary, rounded, summariseLatency, watchCpu } from './cpu.ts'
import type { BenchOptions, BenchResult } from './result.ts'
import { type ServiceProcess, startService } from './service-process.ts'

const CSCS = ['MTMount', 'ATMCS', 'MTRotator', 'MTDome', 'ATDome', 'MTPtg'] as const
const COMMANDERS = 2
const WARM_PAIRS = 100
const MOST_PAIR_SECONDS = 6
const POSTS_PER_SECOND = 100
const POST_SECONDS = 5
const END_MS = 5_000

const ADDED = { p50: 2, p99: 10 }
const ACCEPTED_P99 = 25
const COMMANDERS_CPU = 'commanders CPU ms per command'
const COMMANDERS_CPU_MS = 1

const mount = { site: 'summit', csc: 'MTMount', index: 0 }
const command = 'moveToTarget'
const params = { azimuth: 10, elevation: 60 }

/** Round trips one after the other, then accepts at a rate. */
export async function run({ seconds }: BenchOptions): Promise<BenchResult[]> {
  const { nats, broker, stop } = await startTestSite()
  const services: ServiceProcess[] = []
  let components: ChildProcess | undefined
  try {
    const names = [...Array.from({ length: COMMANDERS }, () => 'commander'), 'api']
    const start = async (name: string, i: number): Promise<void> => {
      services[i] = await startService(name, nats.url, { NAME: `${name}-${i}` })
    }
    await Promise.all(names.map(start))
    components = fork(fileURLToPath(new URL('command-responder.ts', import.meta.url)), [nats.url, ...CSCS], {
      execArgv: ['--import', 'tsx']
    })
    await once(components, 'message')
    const address = services.at(-1)?.address ?? ''
    await heard(address)
    const pids = {
      'nats-server': [nats.pid],
      commanders: pidsOf(services.slice(0, -1)),
      api: pidsOf(services.slice(-1))
    }
    const cpu = (): CpuPerCommand => watchAll(pids)
    return [
      await measureRoundTrip(broker, { cpu, seconds: Math.min(seconds, MOST_PAIR_SECONDS) }),
      await measureDoor(address, { cpu, components })
    ]
  } finally {
    components?.kill('SIGKILL')
    await Promise.all(services.map(service => service.stop()))
    await stop()
  }
}

/** Until every component can be commanded. */
async function heard(address: string): Promise<void> {
  for (const csc of CSCS)
    await waitFor(async () => (await post(address, csc)) === 202, { what: `${csc} is heard`, everyMs: 50 })
}

const pidsOf = (services: readonly ServiceProcess[]): number[] => services.map(({ pid }) => pid)

/** Gives what one of so many commands cost since the watch began: a figure for each kind of process. */
type CpuPerCommand = (commands: number) => Readonly<Record<string, number>>

function watchAll(pids: Readonly<Record<string, readonly number[]>>): CpuPerCommand {
  const watches = Object.entries(pids).map(([name, some]) => ({
    name,
    stops: some.map(pid => watchCpu(pid))
  }))
  return commands =>
    Object.fromEntries(
      watches
        .map(({ name, stops }) => ({ name, us: stops.reduce((sum, stop) => sum + stop().us, 0) }))
        .map(({ name, us }) => [`${name} CPU ms per command`, rounded(us / 1000 / commands, 3)])
    )
}

async function measureRoundTrip(
  broker: Broker,
  { cpu, seconds }: { cpu: () => CpuPerCommand; seconds: number }
): Promise<BenchResult> {
  for (let i = 0; i < WARM_PAIRS; i++) await pair(broker)
  const spent = cpu()
  const pairs: Awaited<ReturnType<typeof pair>>[] = []
  const until = performance.now() + seconds * 1000
  while (performance.now() < until) pairs.push(await pair(broker))
  const added = summariseLatency(pairs.map(({ directMs, completeMs }) => completeMs - directMs))
  return {
    id: 'B10',
    what: `command round trip added by Meridian, ${pairs.length} pairs, ${COMMANDERS} commanders`,
    target: `added: p50 <= ${ADDED.p50} ms, p99 <= ${ADDED.p99} ms`,
    figures: {
      'added ms': lineOf(added),
      'direct ms': lineOf(summariseLatency(pairs.map(({ directMs }) => directMs))),
      'through Meridian, complete ms': lineOf(summariseLatency(pairs.map(({ completeMs }) => completeMs))),
      'through Meridian, accepted ms': lineOf(summariseLatency(pairs.map(({ acceptedMs }) => acceptedMs))),
      ...ofOneAtATime(spent(pairs.length))
    },
    reached: pairs.length === 0 ? 'invalid' : added.median <= ADDED.p50 && added.p99 <= ADDED.p99,
    notes: [
      'added: complete through Meridian less the direct request just before it; one command at a time',
      'in between: accepted (a write), dispatching (a write), told and done, complete (a write)'
    ]
  }
}

/** The figures under names of their own: the other part of B10 has the same. */
const ofOneAtATime = (figures: Readonly<Record<string, number>>): Readonly<Record<string, number>> =>
  Object.fromEntries(Object.entries(figures).map(([name, value]) => [`${name}, one at a time`, value]))

async function pair(broker: Broker): Promise<{ directMs: number; acceptedMs: number; completeMs: number }> {
  const directMs = await askDirectly(broker)
  return { directMs, ...(await askThroughMeridian(broker)) }
}

async function askDirectly(broker: Broker): Promise<number> {
  const id = randomUUID()
  const request: ExecRequest = { id, ...mount, command, params, identity: 'bench', notAfter: 0 }
  const startMs = performance.now()
  await broker.request(execOf(mount, command), JSON.stringify(request), { timeoutMs: END_MS })
  return performance.now() - startMs
}

/** As `nats req --replies 0` would: the acceptance and every stage arrive on one reply subject. */
async function askThroughMeridian(broker: Broker): Promise<{ acceptedMs: number; completeMs: number }> {
  const reply = broker.inbox()
  const startMs = performance.now()
  let acceptedMs = 0
  let finish: (state: AckRecord['state']) => void = () => {}
  const end = new Promise<AckRecord['state'] | 'silence'>(resolve => {
    finish = resolve
    setTimeout(() => resolve('silence'), END_MS).unref()
  })
  const subscription = broker.subscribe(reply, message => {
    const said: unknown = JSON.parse(message.text())
    if (!isAckRecord(said)) {
      acceptedMs = performance.now() - startMs
      if (isObject(said) && 'error' in said) finish('refused')
    } else if (isTerminal(said.state)) finish(said.state)
  })
  broker.publish(commandOf(mount, command), JSON.stringify({ params }), { reply })
  const state = await end
  subscription.unsubscribe()
  if (state !== 'complete') throw new Error(`a command ended with ${state}`)
  return { acceptedMs, completeMs: performance.now() - startMs }
}

async function measureDoor(
  address: string,
  { cpu, components }: { cpu: () => CpuPerCommand; components: ChildProcess }
): Promise<BenchResult> {
  const spent = cpu()
  const before = await executed(components)
  const total = POSTS_PER_SECOND * POST_SECONDS
  const posts: Promise<{ status: number; ms: number }>[] = []
  const lateMs: number[] = []
  const startMs = performance.now()
  for (let i = 0; i < total; i++) {
    const dueMs = startMs + (i * 1000) / POSTS_PER_SECOND
    while (performance.now() < dueMs) await sleep(1)
    lateMs.push(performance.now() - dueMs)
    posts.push(timedPost(address, CSCS[i % CSCS.length] as string))
  }
  const answers = await Promise.all(posts)
  const accepted = answers.filter(({ status }) => status === 202)
  const tookMs = summariseLatency(accepted.map(({ ms }) => ms))
  const all = async (): Promise<boolean> => (await executed(components)) - before >= accepted.length
  const isExecuted = await waitFor(all, { what: 'all are executed', timeoutMs: END_MS, everyMs: 100 }).catch(
    () => false
  )
  const costs = spent(total)
  return {
    id: 'B10',
    what: `POST /api/commands at ${POSTS_PER_SECOND}/s for ${POST_SECONDS} s, ${CSCS.length} components`,
    target: `202 p99 <= ${ACCEPTED_P99} ms, <= ${COMMANDERS_CPU_MS} ms of all commanders' CPU per command, every command accepted and executed once`,
    figures: {
      '202 ms': lineOf(tookMs),
      'accepted of sent': `${accepted.length} of ${total}`,
      'executed of accepted': `${(await executed(components)) - before} of ${accepted.length}`,
      ...costs,
      'sent late by, p99 ms': rounded(summariseLatency(lateMs).p99, 1)
    },
    reached:
      tookMs.p99 <= ACCEPTED_P99 &&
      (costs[COMMANDERS_CPU] ?? 0) <= COMMANDERS_CPU_MS &&
      accepted.length === total &&
      isExecuted,
    notes: [
      'from the moment a request is sent, by the schedule and not by the answers, until its answer is read'
    ]
  }
}

async function executed(components: ChildProcess): Promise<number> {
  components.send('count')
  const [count] = (await once(components, 'message')) as [number]
  return count
}

async function timedPost(address: string, csc: string): Promise<{ status: number; ms: number }> {
  const startMs = performance.now()
  const status = await post(address, csc)
  return { status, ms: performance.now() - startMs }
}

async function post(address: string, csc: string): Promise<number> {
  const response = await fetch(`${address}/api/commands`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ csc, index: 0, command: 'disable' })
  })
  await response.arrayBuffer()
  return response.status
}

function lineOf({ median, p90, p95, p99, min, max, avg }: LatencySummary): string {
  const of = { p50: median, p90, p95, p99, min, max, avg }
  return Object.entries(of)
    .map(([name, ms]) => `${name} ${rounded(ms)}`)
    .join('  ')
}
