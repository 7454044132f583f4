import { rounded, watchFineCpu } from './cpu.ts'
import type { ClientsPlan } from './gateway-clients.ts'
import { settle } from './gateway-world.ts'
import { type ObservedTelescope, startObservedTelescope } from './observed-telescope.ts'
import { medianOf } from './pairs.ts'
import { type BenchOptions, type BenchResult, BUSIEST_GENERATOR } from './result.ts'

const VIEWS = 40
/** Without a view and with one, in turn: what one costs is less than what the same process uses more or less. */
const TURNS = 4
const WARM_UP_MS = 3_000
const MOST_PERCENT = { one: 0.05, many: 0.2 }
/** Ticks of the gateway and of the source do not fall together, so a topic of ten a second may miss some. */
const LEAST_DELIVERED = 0.9

interface Watched {
  readonly cores: number
  readonly bytesPerSecond: number
  readonly share: number
  readonly generator: number
}

/**
 * B2: what an open view of two whole components costs the gateway, beyond what it costs without any view; one,
 * then forty of which no two are alike.
 */
export async function run({ seconds }: BenchOptions): Promise<BenchResult> {
  const telescope = await startObservedTelescope()
  try {
    await settle(WARM_UP_MS)
    const turns: { readonly idle: number; readonly one: Watched }[] = []
    for (let turn = 0; turn < TURNS; turn++) {
      const idle = await coresOf(telescope, seconds / 2)
      turns.push({ idle, one: await watchViews(telescope, { clients: 1 }, seconds / 2) })
    }
    const idle = medianOf(turns.map(turn => turn.idle))
    const one = turns.map(turn => turn.one)
    const many = await watchViews(telescope, { clients: VIEWS, own: 'silent' }, seconds)
    const cost = {
      one: medianOf(turns.map(turn => turn.one.cores - turn.idle)) * 100,
      many: ((many.cores - idle) * 100) / VIEWS
    }
    return resultOf({ idle, one, many, cost })
  } finally {
    await telescope.close()
  }
}

async function coresOf(telescope: ObservedTelescope, seconds: number): Promise<number> {
  const gateway = watchFineCpu(telescope.gateways[0]?.pid ?? 0)
  await settle(seconds * 1000)
  return gateway().cores
}

async function watchViews(
  telescope: ObservedTelescope,
  who: Pick<ClientsPlan, 'clients' | 'own'>,
  seconds: number
): Promise<Watched> {
  const clients = await telescope.startClients({ ...who, patterns: telescope.patterns })
  await settle(WARM_UP_MS)
  const before = await clients.count()
  const due = telescope.watch(seconds)
  const gateway = watchFineCpu(telescope.gateways[0]?.pid ?? 0)
  await settle(seconds * 1000)
  const { cores, wallUs } = gateway()
  const after = await clients.count()
  const expected = due() * who.clients
  await clients.stop()
  return {
    cores,
    bytesPerSecond: (after.bytes - before.bytes) / (wallUs / 1e6) / who.clients,
    share: (after.records - before.records) / expected,
    generator: (after.cpuUs - before.cpuUs) / wallUs
  }
}

interface Views {
  readonly idle: number
  readonly one: readonly Watched[]
  readonly many: Watched
  readonly cost: { readonly one: number; readonly many: number }
}

function resultOf({ idle, one, many, cost }: Views): BenchResult {
  const isDelivered = [...one, many].every(
    ({ share, generator }) => share >= LEAST_DELIVERED && generator <= BUSIEST_GENERATOR
  )
  // A view that seems to cost nothing or less was lost in the noise of what goes on without it.
  const isValid = isDelivered && cost.one > 0 && cost.many > 0
  return {
    id: 'B2',
    what: 'gateway CPU of a view of MTM1M3 and MTMount complete at 10 Hz',
    target: `<= ${MOST_PERCENT.one} % of a core for one; <= ${MOST_PERCENT.many} % each of ${VIEWS}, no two alike`,
    figures: {
      'one view, % of a core': rounded(cost.one, 3),
      'each of forty, % of a core': rounded(cost.many, 3),
      'no view, % of a core': rounded(idle * 100, 3),
      'kB per second of a view': rounded(
        medianOf(one.map(({ bytesPerSecond }) => bytesPerSecond)) / 1_000,
        1
      ),
      'delivered/expected, one': rounded(medianOf(one.map(({ share }) => share)), 4),
      'delivered/expected, forty': rounded(many.share, 4),
      'generator busy %': rounded(many.generator * 100, 1)
    },
    reached: isValid ? cost.one <= MOST_PERCENT.one && cost.many <= MOST_PERCENT.many : 'invalid',
    notes: [
      `simulator's own values; one view: median of ${TURNS} turns without and with it; what the gateway uses without a view is taken off`
    ]
  }
}
