import { execFileSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { cpus, loadavg } from 'node:os'
import { fileURLToPath } from 'node:url'
import { findNatsServer } from '@meridian/testing'
import { type Comparison, ratioText, spreadText } from './pairs.ts'
import type { BenchResult } from './result.ts'

/** Machine, versions and load of a measurement. */
export interface Machine {
  readonly node: string
  readonly nats: string
  readonly cores: number
  readonly cpu: string
  /** Load average over the last minute, before the measurement. */
  readonly load: number
  /** All of it in one line. */
  readonly text: string
}

/** What a report is made from: single runs, or pairs with another checkout. */
export interface ReportParts {
  readonly machine: Machine
  readonly results?: readonly BenchResult[]
  readonly comparisons?: readonly Comparison[]
}

const page = fileURLToPath(new URL('../../docs/benchmarks.md', import.meta.url))
const BEGIN = '<!-- figures: written by pnpm bench --report -->'
const END = '<!-- end of figures -->'

/** Reads the facts of this machine, with its load at this moment. */
export function machineOf(): Machine {
  const node = process.version
  const nats = natsVersion()
  const [{ model: cpu } = { model: 'unknown' }] = cpus()
  const cores = cpus().length
  const load = loadavg()[0] ?? 0
  const text = `${cores} x ${cpu}, Node ${node}, ${nats}, load before it ${load.toFixed(1)}`
  return { node, nats, cores, cpu, load, text }
}

function natsVersion(): string {
  try {
    return execFileSync(findNatsServer(), ['--version'], { encoding: 'utf8' }).trim().replace(':', '')
  } catch {
    return 'nats-server of unknown version'
  }
}

/** Writes the figures between the two marks of docs/benchmarks.md; what people wrote around them stays. */
export function writeReport(parts: ReportParts): void {
  const text = readFileSync(page, 'utf8')
  const from = text.indexOf(BEGIN)
  const to = text.indexOf(END)
  if (from < 0 || to < from) throw new Error(`${page} lacks the marks of the figures`)
  writeFileSync(page, `${text.slice(0, from)}${BEGIN}\n${figuresOf(parts)}${text.slice(to)}`)
  console.log(`figures written into ${page}`)
}

function figuresOf({ machine, results = [], comparisons = [] }: ReportParts): string {
  const when = new Date().toISOString().slice(0, 10)
  const tables = [...results.map(resultTable), ...comparisonTables(comparisons)]
  return `\nMeasured on ${when}: ${machine.text}.\n\n${tables.join('\n\n')}\n\n`
}

function resultTable({ id, what, target, figures, reached, notes }: BenchResult): string {
  const verdict = reached === 'invalid' ? 'invalid run' : reached ? 'reached' : 'not reached'
  const rows = Object.entries(figures).map(([name, value]) => `| ${name} | ${value} |`)
  return [
    `### ${id}: ${what}`,
    '',
    `Target: ${target} (${verdict}).`,
    '',
    '| figure | value |',
    '|---|---|',
    ...rows,
    ...notes.map(note => `\n${note}`)
  ].join('\n')
}

function comparisonTables(comparisons: readonly Comparison[]): readonly string[] {
  const titleOf = ({ id, what }: Comparison): string => `${id}: ${what}`
  return [...new Set(comparisons.map(titleOf))].map(title =>
    comparisonTable(
      title,
      comparisons.filter(c => titleOf(c) === title)
    )
  )
}

function comparisonTable(title: string, rows: readonly Comparison[]): string {
  const [{ target, here } = { target: '', here: [] }] = rows
  return [
    `### ${title}`,
    '',
    `Target: ${target}. Median (least..most) of ${here.length} runs, in turn with the version before.`,
    '',
    '| figure | now | before | now / before |',
    '|---|---|---|---|',
    ...rows.map(r => `| ${r.figure} | ${spreadText(r.here)} | ${spreadText(r.other)} | ${ratioText(r)} |`)
  ].join('\n')
}
