import { once } from 'node:events'
import { eventOf, patternOf } from '@meridian/subjects'
import { freePort } from '@meridian/testing'
import { WebSocket } from 'ws'
import { residentBytesOf, rounded } from './cpu.ts'
import type { ClientsPlan } from './gateway-clients.ts'
import { type Clients, createSampler, type GatewayWorld, settle, startGatewayWorld } from './gateway-world.ts'
import type { BenchOptions, BenchResult } from './result.ts'

/** Connections before the first look, so that what a process allocates once is not counted. */
const BEFORE = 1_000
const MEASURED = 3_000
const TOPICS = 10
const SETTLE_MS = 3_000
const MOST_KB = 6
const BENCH = { site: 'summit', csc: 'Bench', topic: 'topic' }

/** B6: what an idle connection with ten subscriptions holds; all alike, then no two alike. */
export async function run(_options: BenchOptions): Promise<BenchResult> {
  const alike = await measure()
  const unalike = await measure('silent')
  return {
    id: 'B6',
    what: `resident memory of the gateway per idle connection with ${TOPICS} subscriptions`,
    target: `<= ${MOST_KB} KB held, where all ask for the same`,
    figures: {
      'KB held, all alike': rounded(alike.heldKb),
      'KB held, no two alike': rounded(unalike.heldKb),
      'KB with garbage, all alike': rounded(alike.residentKb),
      'KB with garbage, no two alike': rounded(unalike.residentKb)
    },
    reached: alike.heldKb <= MOST_KB,
    notes: [
      `growth of VmRSS from ${BEFORE} to ${BEFORE + MEASURED} connections; held: after a garbage collection before each look. 'no two alike': one subscription more, to a subject of the client's own; the kernel's socket buffers are not in it`
    ]
  }
}

interface PerConnection {
  readonly residentKb: number
  readonly heldKb: number
}

async function measure(own?: ClientsPlan['own']): Promise<PerConnection> {
  const inspectorPort = await freePort()
  const world = await startGatewayWorld(1, {
    MAX_ACCEPTS_PER_SECOND: '10000',
    NODE_OPTIONS: `--inspect=127.0.0.1:${inspectorPort} --inspect-publish-uid=http`
  })
  try {
    await publishOnce(world)
    const pid = world.gateways[0]?.pid ?? 0
    const open = (clients: number): Promise<Clients> =>
      world.startClients({ clients, patterns, apart: true, ...(own !== undefined && { own }) })
    const held: number[] = []
    const residentKb = await kilobytesPerConnection(pid, open, async () => {
      await collectGarbage(inspectorPort)
      held.push(residentBytesOf(pid))
    })
    const [before = 0, after = 0] = held
    return { residentKb, heldKb: (after - before) / MEASURED / 1_000 }
  } finally {
    await world.close()
  }
}

const indices = Array.from({ length: TOPICS }, (_, index) => index)
const patterns = indices.map(index => ({ pattern: patternOf('evt', { ...BENCH, index }) }))

/** Every topic has a last value, which each client gets with its subscription. */
async function publishOnce({ broker }: GatewayWorld): Promise<void> {
  const sample = createSampler(200)
  for (const index of indices) {
    const subject = eventOf({ ...BENCH, index })
    broker.publish(subject, sample(subject))
  }
  await broker.flush()
}

/**
 * Resident memory that a server gains for each connection, in KB of 1,000 bytes, with whatever garbage their
 * opening left. `looked` is called after each of the two looks.
 */
export async function kilobytesPerConnection(
  pid: number,
  open: (clients: number) => Promise<Clients>,
  looked: () => Promise<void> = async () => {}
): Promise<number> {
  const look = async (clients: number): Promise<number> => {
    await open(clients)
    await settle(SETTLE_MS)
    const bytes = residentBytesOf(pid)
    await looked()
    return bytes
  }
  const before = await look(BEFORE)
  return ((await look(MEASURED)) - before) / MEASURED / 1_000
}

/** Makes a Node process that listens for an inspector collect all of its garbage. */
async function collectGarbage(inspectorPort: number): Promise<void> {
  const targets = await fetch(`http://127.0.0.1:${inspectorPort}/json`)
  const [target] = (await targets.json()) as { readonly webSocketDebuggerUrl: string }[]
  const inspector = new WebSocket(target?.webSocketDebuggerUrl ?? '')
  await once(inspector, 'open')
  // What the first one finds in finalizers goes with the second.
  for (const id of [1, 2]) {
    inspector.send(JSON.stringify({ id, method: 'HeapProfiler.collectGarbage' }))
    await once(inspector, 'message')
  }
  inspector.close()
}
