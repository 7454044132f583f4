import { rounded, watchCpu } from './cpu.ts'
import { settle } from './gateway-world.ts'
import { type ObservedTelescope, startObservedTelescope } from './observed-telescope.ts'
import { type BenchOptions, type BenchResult, BUSIEST_GENERATOR } from './result.ts'

const CLIENTS = 100
const WARM_UP_MS = 3_000
const MOST_CPU = 1.3
const MOST_BYTES = 0.5
const LEAST_DELIVERED = 0.9

interface Watched {
  readonly cores: number
  readonly bytes: number
  /** By the clients that decode, each of them. */
  readonly records: number
  readonly share: number
  readonly generator: number
}

/** B7: the same view for the same clients, first without compression and then with it. */
export async function run({ seconds }: BenchOptions): Promise<BenchResult> {
  const telescope = await startObservedTelescope()
  try {
    const off = await watch(telescope, false, seconds)
    const on = await watch(telescope, true, seconds)
    return resultOf(off, on)
  } finally {
    await telescope.close()
  }
}

async function watch(telescope: ObservedTelescope, deflate: boolean, seconds: number): Promise<Watched> {
  const { patterns } = telescope
  const clients = await telescope.startClients({ clients: CLIENTS, patterns, deflate })
  await settle(WARM_UP_MS)
  const before = await clients.count()
  const due = telescope.watch(seconds)
  const gateway = watchCpu(telescope.gateways[0]?.pid)
  await settle(seconds * 1000)
  const { cores, wallUs } = gateway()
  const after = await clients.count()
  const records = (after.decoded - before.decoded) / after.decoders
  const share = records / due()
  await clients.stop()
  return {
    ...{ cores, records, share },
    bytes: after.bytes - before.bytes,
    generator: (after.cpuUs - before.cpuUs) / wallUs
  }
}

function resultOf(off: Watched, on: Watched): BenchResult {
  // Of one message: the simulator does not say exactly as many in both runs.
  const cpu = on.cores / on.records / (off.cores / off.records)
  const bytes = on.bytes / on.records / (off.bytes / off.records)
  const isValid = [off, on].every(
    ({ share, generator }) => share >= LEAST_DELIVERED && generator <= BUSIEST_GENERATOR
  )
  const percent = (share: number): number => rounded(share * 100, 1)
  return {
    id: 'B7',
    what: `compression on against off: ${CLIENTS} clients that all watch MTM1M3 and MTMount complete at 10 Hz`,
    target: `<= ${MOST_CPU} x CPU, <= ${MOST_BYTES * 100} % of the bytes`,
    figures: {
      'CPU, on / off': rounded(cpu),
      'bytes, on / off': rounded(bytes, 3),
      'gateway % of a core, off': percent(off.cores),
      'gateway % of a core, on': percent(on.cores),
      'bytes per message, off': rounded(off.bytes / CLIENTS / off.records, 1),
      'bytes per message, on': rounded(on.bytes / CLIENTS / on.records, 1),
      'delivered/expected, off': rounded(off.share, 4),
      'delivered/expected, on': rounded(on.share, 4),
      'generator busy %, off': percent(off.generator),
      'generator busy %, on': percent(on.generator)
    },
    reached: isValid ? cpu <= MOST_CPU && bytes <= MOST_BYTES : 'invalid',
    notes: [
      "simulator's own values, MessagePack; each frame is deflated once for all. Two of the clients inflate and count messages, the others count frames and bytes"
    ]
  }
}
