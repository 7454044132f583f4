import type { BenchOptions, BenchResult } from './result.ts'

type Bench = (options: BenchOptions) => Promise<BenchResult | readonly BenchResult[]>

/** Every bench by its name; loaded when it is its turn, so that one does not weigh on another. */
const benches: Readonly<Record<string, { readonly ids: string; load(): Promise<Bench> }>> = {
  publisher: { ids: 'B9', load: async () => (await import('./publisher.ts')).run },
  producer: { ids: 'P1', load: async () => (await import('./producer.ts')).run },
  kafka: { ids: 'K1 K2 K3 K4', load: async () => (await import('./kafka.ts')).run },
  gateway: { ids: 'B1 B1b B1c B5 B5b B12', load: async () => (await import('./gateway.ts')).run },
  views: { ids: 'B2', load: async () => (await import('./views.ts')).run },
  events: { ids: 'B3', load: async () => (await import('./events.ts')).run },
  memory: { ids: 'B6', load: async () => (await import('./memory.ts')).run },
  latency: { ids: 'B4', load: async () => (await import('./latency.ts')).run },
  compression: { ids: 'B7', load: async () => (await import('./compression.ts')).run },
  scripts: { ids: 'Q1', load: async () => (await import('./scripts.ts')).run },
  resume: { ids: 'B8', load: async () => (await import('./resume.ts')).run },
  peers: { ids: 'C1', load: async () => (await import('./peers.ts')).run },
  commands: { ids: 'B10', load: async () => (await import('./commands.ts')).run },
  history: { ids: 'H1', load: async () => (await import('./history.ts')).run },
  tokens: { ids: 'A1', load: async () => (await import('./tokens.ts')).run },
  rights: { ids: 'A2', load: async () => (await import('./rights.ts')).run },
  sdk: { ids: 'B13', load: async () => (await import('./sdk.ts')).run },
  start: { ids: 'B14', load: async () => (await import('./start.ts')).run },
  system: { ids: 'S1', load: async () => (await import('./system.ts')).run }
}

/** Names of all benches, in the order in which they run. */
export const benchNames: readonly string[] = Object.keys(benches)

/** The names with the figures that each measures, as `--help` shows them. */
export const benchList = (): string =>
  Object.entries(benches)
    .map(([name, { ids }]) => `${name} (${ids})`)
    .join(', ')

/** Runs one bench in this process. Throws RangeError for a name that is none of `benchNames`. */
export async function runBench(name: string, options: BenchOptions): Promise<readonly BenchResult[]> {
  const bench = benches[name]
  if (bench === undefined) throw new RangeError(`there is no bench called ${name}`)
  const outcome = await (await bench.load())(options)
  return Array.isArray(outcome) ? (outcome as readonly BenchResult[]) : [outcome as BenchResult]
}
