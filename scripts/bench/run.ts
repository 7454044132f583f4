/** `pnpm bench`: runs the benches that are asked for, one after the other, prints a table and writes JSON. */
import { mkdirSync, writeFileSync } from 'node:fs'
import { cpus, loadavg } from 'node:os'
import { dirname } from 'node:path'
import { Command } from 'commander'
import colors from 'picocolors'
import type { BenchOptions, BenchResult } from './result.ts'

type Bench = (options: BenchOptions) => Promise<BenchResult | readonly BenchResult[]>

/** Every bench by its name; loaded when it is its turn, so that one does not weigh on another. */
const benches: Readonly<Record<string, { readonly ids: string; load(): Promise<Bench> }>> = {
  publisher: { ids: 'B9', load: async () => (await import('./publisher.ts')).run },
  producer: { ids: 'P1', load: async () => (await import('./producer.ts')).run },
  gateway: { ids: 'B1 B1b B5 B12', load: async () => (await import('./gateway.ts')).run },
  commands: { ids: 'B10', load: async () => (await import('./commands.ts')).run },
  history: { ids: 'H1', load: async () => (await import('./history.ts')).run },
  sdk: { ids: 'B13', load: async () => (await import('./sdk.ts')).run },
  system: { ids: 'S1', load: async () => (await import('./system.ts')).run }
}

const command = new Command('pnpm bench')
  .description(
    'Measures Meridian on this machine. Figures of CPU per message count; wall time on shared machines does not.'
  )
  .argument(
    '[names...]',
    `which: ${Object.entries(benches)
      .map(([name, { ids }]) => `${name} (${ids})`)
      .join(', ')}; none: all`
  )
  .option('--seconds <n>', 'how long each measures', '10')
  .option('--json <file>', 'where the figures go', '.meridian/bench.json')
  .parse()

const { seconds, json } = command.opts<{ seconds: string; json: string }>()
const unknown = command.args.filter(name => !(name in benches))
if (unknown.length > 0) command.error(`there is no bench called ${unknown.join(', ')}`)

const results: BenchResult[] = []
for (const [name, { load }] of Object.entries(benches)) {
  if (command.args.length > 0 && !command.args.includes(name)) continue
  console.log(colors.dim(`${name} …`))
  const outcome = await (await load())({ seconds: Number(seconds) })
  const found = Array.isArray(outcome) ? (outcome as BenchResult[]) : [outcome as BenchResult]
  results.push(...found)
  for (const result of found) print(result)
}
const machine = { node: process.version, cores: cpus().length, cpu: cpus()[0]?.model, load: loadavg()[0] }
mkdirSync(dirname(json), { recursive: true })
writeFileSync(json, `${JSON.stringify({ at: new Date().toISOString(), machine, results }, null, 2)}\n`)
console.log(
  colors.dim(
    `figures in ${json}; ${machine.cores} x ${machine.cpu}, Node ${machine.node}, load ${machine.load?.toFixed(1)}`
  )
)

function print({ id, what, target, figures, reached, notes }: BenchResult): void {
  const verdict =
    reached === 'invalid'
      ? colors.yellow('invalid run')
      : reached
        ? colors.green('reached')
        : colors.red('not reached')
  console.log(`\n${colors.bold(id)}  ${what}\n    target: ${target}  →  ${verdict}`)
  const width = Math.max(...Object.keys(figures).map(name => name.length))
  for (const [name, value] of Object.entries(figures)) console.log(`    ${name.padEnd(width)}  ${value}`)
  for (const note of notes) console.log(colors.dim(`    ${note}`))
}

// Libraries may leave a socket or timer behind; the figures are out.
process.exit(0)
