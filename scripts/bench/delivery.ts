import { type CpuShare, rounded, watchCpu } from './cpu.ts'
import { type Clients, settle } from './gateway-world.ts'
import { BUSIEST_GENERATOR } from './result.ts'

/** A fan-out whose clients are live and whose load runs. */
export interface DeliveryPlan {
  readonly clients: Clients
  /** The process that is measured. */
  readonly serverPid: number
  /** The broker that feeds it; default: the server is its own broker. */
  readonly brokerPid?: number
  /** Messages that were published so far. */
  published(): number | Promise<number>
  /** Clients that get each message. */
  readonly receivers: number
  readonly seconds: number
}

/** How much of a load arrived, and what each message cost. */
export interface Delivery {
  readonly delivered: number
  /** Of what was published, times its receivers. */
  readonly share: number
  /** CPU of the server per delivered message. */
  readonly perMessageUs: number
  readonly bytesPerMessage: number
  readonly frames: number
  readonly server: CpuShare
  readonly broker: CpuShare | undefined
  readonly publisher: CpuShare
  /** Cores that the clients' process used. */
  readonly generator: number
  /** Messages that clients which look saw missing or out of order. */
  readonly holes: number
  readonly seconds: number
}

const WARM_UP_MS = 3_000
/** What was published so shortly before a look may still be under way: one tick, and as much again. */
const UNDER_WAY_S = 0.1

/** Measures a fan-out for some seconds, after a warm-up. */
export async function measureDelivery(plan: DeliveryPlan): Promise<Delivery> {
  const { clients, serverPid, brokerPid, published, receivers, seconds } = plan
  await settle(WARM_UP_MS)
  const before = await clients.count()
  const sentBefore = await published()
  const watches = [watchCpu(serverPid), watchCpu()] as const
  const broker = brokerPid === undefined ? undefined : watchCpu(brokerPid)
  await settle(seconds * 1000)
  const after = await clients.count()
  const [server, publisher] = [watches[0](), watches[1]()]
  const messages = (await published()) - sentBefore
  const delivered = after.records - before.records
  return {
    delivered,
    share: delivered / (messages * receivers),
    perMessageUs: server.us / delivered,
    bytesPerMessage: (after.bytes - before.bytes) / delivered,
    frames: after.frames - before.frames,
    server,
    broker: broker?.(),
    publisher,
    generator: (after.cpuUs - before.cpuUs) / server.wallUs,
    holes: after.holes,
    seconds
  }
}

/** Whether a run says anything: everything came, in order, and neither generator measured itself. */
export const isValid = ({ generator, publisher, share, holes, seconds }: Delivery): boolean =>
  Math.max(generator, publisher.cores) <= BUSIEST_GENERATOR &&
  share >= 1 - UNDER_WAY_S / seconds &&
  holes === 0

/** The figures that every fan-out has; `server` is how its process is called. */
export function deliveryFigures(run: Delivery, server: string): Readonly<Record<string, number>> {
  const percent = (share: number): number => rounded(share * 100, 1)
  return {
    'us per delivered message': rounded(run.perMessageUs, 3),
    'delivered per second': Math.round(run.delivered / (run.server.wallUs / 1e6)),
    'delivered/expected': rounded(run.share, 4),
    'bytes per message': rounded(run.bytesPerMessage, 1),
    [`${server} % of a core`]: percent(run.server.cores),
    'generator busy %': percent(run.generator),
    'publisher busy %': percent(run.publisher.cores),
    ...(run.broker !== undefined && { 'nats-server % of a core': percent(run.broker.cores) }),
    'messages out of order or lost': run.holes
  }
}
