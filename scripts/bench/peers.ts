import { rounded } from './cpu.ts'
import { type Delivery, isValid, measureDelivery } from './delivery.ts'
import { type Clients, startClients, startPublishing } from './gateway-world.ts'
import { kilobytesPerConnection } from './memory.ts'
import { type Peer, type PeerServer, peers } from './peer-servers.ts'
import type { BenchOptions, BenchResult } from './result.ts'

const CLIENTS = 200
const PER_SECOND = 100

/** C1: Meridian beside what else could stand in its place: the same messages, clients and connections. */
export async function run({ seconds }: BenchOptions): Promise<BenchResult> {
  const rows: { readonly peer: Peer; readonly kilobytes: number; readonly run: Delivery }[] = []
  const skipped: string[] = []
  for (const peer of peers) {
    const reason = await peer.missing?.()
    if (reason !== undefined) skipped.push(`${peer.name} is left out: ${reason}`)
    else rows.push({ peer, kilobytes: await memoryOf(peer), run: await deliveryOf(peer, seconds) })
  }
  return {
    id: 'C1',
    what: `other servers beside the gateway: ${CLIENTS} clients x ${PER_SECOND} messages/s of 200 B on ten topics`,
    target: 'none, for comparison',
    figures: Object.fromEntries(
      rows.map(({ peer, kilobytes, run }) => [peer.name, rowOf(kilobytes, run)] as const)
    ),
    reached: rows.every(({ run }) => isValid(run)) ? true : 'invalid',
    notes: [
      "CPU is the server's process alone; bytes are those of WebSocket frames; memory is what its process gains per idle connection with ten subscriptions, with the garbage of their opening",
      ...skipped
    ]
  }
}

function rowOf(kilobytes: number, run: Delivery): string {
  const figures = {
    'CPU us per message': rounded(run.perMessageUs),
    'bytes per message': rounded(run.bytesPerMessage, 1),
    'KB per connection': rounded(kilobytes, 1),
    'messages per frame': rounded(run.delivered / run.frames),
    'delivered of expected': rounded(run.share, 4),
    'server busy pct': rounded(run.server.cores * 100, 1),
    'generator busy pct': rounded(run.generator * 100, 1)
  }
  return Object.entries(figures)
    .map(([name, value]) => `${name} ${value}`)
    .join('  ')
}

/** In a process of its own: what it once allocated for its load would hide what connections take. */
const memoryOf = (peer: Peer): Promise<number> =>
  withServer(peer, (server, open) => kilobytesPerConnection(server.pid, open))

const deliveryOf = (peer: Peer, seconds: number): Promise<Delivery> =>
  withServer(peer, async (server, open) => {
    const clients = await open(CLIENTS)
    const { subjects } = peer
    const load = startPublishing(server.broker, { perSecond: PER_SECOND, subjects, payload: peer.payload() })
    const run = await measureDelivery({
      ...{ clients, seconds },
      serverPid: server.pid,
      receivers: CLIENTS,
      published: load.sent
    })
    load.stop()
    return run
  })

async function withServer<T>(
  { start, dialect, patterns }: Peer,
  measure: (server: PeerServer, open: (clients: number) => Promise<Clients>) => Promise<T>
): Promise<T> {
  const server = await start()
  const opened: Clients[] = []
  try {
    return await measure(server, async clients => {
      const some = await startClients({ port: server.port, clients, dialect, patterns, apart: true })
      opened.push(some)
      return some
    })
  } finally {
    await Promise.all(opened.map(clients => clients.stop()))
    await server.stop()
  }
}
