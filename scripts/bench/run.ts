/**
 * `pnpm bench`: runs benches one after the other, prints a table and writes JSON. With `--against` each runs
 * in turn in this checkout and in another one, so that both meet the same noise; with `--report` the figures
 * go into docs/benchmarks.md.
 */
import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { InvalidArgumentError } from 'commander'
import colors from 'picocolors'
import { createCommand } from '../command-line.ts'
import { benchList, benchNames, runBench } from './benches.ts'
import { comparisonText, runPairs } from './pairs.ts'
import { machineOf, writeReport } from './report.ts'
import type { BenchResult } from './result.ts'

interface Options {
  readonly seconds: number
  readonly json: string
  readonly against?: string
  readonly pairs: number
  readonly report?: boolean
}

const positive = (text: string): number => {
  const number = Number(text)
  if (!(number > 0)) throw new InvalidArgumentError('expected: a number above 0')
  return number
}

const checkout = (text: string): string => {
  if (!existsSync(join(text, 'scripts/bench/run.ts')))
    throw new InvalidArgumentError('expected: the folder of another checkout of this repository')
  return text
}

const command = createCommand('pnpm bench')
  .description(
    'Measures Meridian on this machine. Figures of CPU per message count; wall time on shared machines does not.'
  )
  .argument('[names...]', `which: ${benchList()}; none: all`)
  .option('--seconds <n>', 'how long each measures', positive, 10)
  .option('--json <file>', 'where the figures go', '.meridian/bench.json')
  .option('--against <dir>', 'another checkout, installed: each bench runs in both, in turn', checkout)
  .option('--pairs <n>', 'with --against: how many times in each', positive, 5)
  .option('--report', 'writes the figures into docs/benchmarks.md')
  .parse()

const { seconds, json, against, pairs, report } = command.opts<Options>()
const unknown = command.args.filter(name => !benchNames.includes(name))
if (unknown.length > 0) command.error(`there is no bench called ${unknown.join(', ')}`)
const names = benchNames.filter(name => command.args.length === 0 || command.args.includes(name))

if (against === undefined) await runHere()
else await runAgainst(against)
// Libraries may leave a socket or timer behind; the figures are out.
process.exit()

async function runHere(): Promise<void> {
  const machine = machineOf()
  const results: BenchResult[] = []
  for (const name of names) {
    console.log(colors.dim(`${name} …`))
    const found = await runBench(name, { seconds }).catch((error: unknown) => [failed(name, error)])
    results.push(...found)
    for (const result of found) print(result)
    if (found.some(({ id }) => id === name)) process.exitCode = 1
  }
  mkdirSync(dirname(json), { recursive: true })
  writeFileSync(json, `${JSON.stringify({ at: new Date().toISOString(), machine, results }, null, 2)}\n`)
  console.log(colors.dim(`figures in ${json}; ${machine.text}`))
  if (report) writeReport({ machine, results })
}

/** What stands for a bench that could not be run, so that the figures of the others are not lost. */
function failed(name: string, error: unknown): BenchResult {
  return {
    id: name,
    what: 'could not be run',
    target: 'none',
    figures: {},
    reached: 'invalid',
    notes: [error instanceof Error ? error.message : String(error)]
  }
}

async function runAgainst(other: string): Promise<void> {
  const say = (line: string): void => console.log(colors.dim(line))
  const comparisons = await runPairs({ names, other, pairs, seconds, say })
  console.log(comparisonText(comparisons))
  if (report) writeReport({ machine: machineOf(), comparisons })
}

function print({ id, what, target, figures, reached, notes }: BenchResult): void {
  console.log(`\n${colors.bold(id)}  ${what}\n    target: ${target}  →  ${verdictOf(reached)}`)
  const width = Math.max(0, ...Object.keys(figures).map(name => name.length))
  for (const [name, value] of Object.entries(figures)) console.log(`    ${name.padEnd(width)}  ${value}`)
  for (const note of notes) console.log(colors.dim(`    ${note}`))
}

function verdictOf(reached: BenchResult['reached']): string {
  if (reached === 'invalid') return colors.yellow('invalid run')
  return reached ? colors.green('reached') : colors.red('not reached')
}
