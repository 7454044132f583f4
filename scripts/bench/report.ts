import { execFileSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { cpus, loadavg } from 'node:os'
import { fileURLToPath } from 'node:url'
import { findNatsServer } from '@meridian/testing'
import { type Comparison, numbersOf, ratioText, spreadText } from './pairs.ts'
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

/**
 * Writes the figures between the two marks of docs/benchmarks.md: those that were measured now in the place of
 * their earlier ones. The others, and what people wrote around the marks, stay.
 */
export function writeReport({ machine, results = [], comparisons = [] }: ReportParts): void {
  const text = readFileSync(page, 'utf8')
  const from = text.indexOf(BEGIN)
  const to = text.indexOf(END)
  if (from < 0 || to < from) throw new Error(`${page} lacks the marks of the figures`)
  const measured = `Measured on ${new Date().toISOString().slice(0, 10)}: ${machine.text}.`
  const tables = [...results.map(resultTable), ...comparisonTables(comparisons)]
  const fresh = tables.map(table => table.replace('\n\n', `\n\n${measured}\n\n`))
  const old = text.slice(from + BEGIN.length, to)
  writeFileSync(page, `${text.slice(0, from)}${BEGIN}\n\n${mergeSections(old, fresh)}\n\n${text.slice(to)}`)
  console.log(`figures written into ${page}`)
}

/** The sections of `old`, each with a newer one of the same id in its place; ids that are new follow. */
export function mergeSections(old: string, fresh: readonly string[]): string {
  const sections = [...old.split(/^(?=### )/m).filter(section => section.startsWith('### ')), ...fresh]
  const idOf = (section: string): string => /^### ([^:\n]+)/.exec(section)?.[1] ?? ''
  return [...new Map(sections.map(section => [idOf(section), section.trim()])).values()].join('\n\n')
}

function resultTable({ id, what, target, figures, reached, notes }: BenchResult): string {
  const verdict = reached === 'invalid' ? 'invalid run' : reached ? 'reached' : 'not reached'
  return [
    `### ${id}: ${what}`,
    '',
    `Target: ${target} (${verdict}).`,
    '',
    ...figuresTable(figures),
    ...notes.map(note => `\n${note}`)
  ].join('\n')
}

/** One row a figure; where each of them holds several numbers of the same names, one column a name. */
export function figuresTable(figures: BenchResult['figures']): readonly string[] {
  const rows = Object.entries(figures).map(([name, value]) => ({
    ...{ name, value },
    parts: typeof value === 'string' ? numbersOf({ figures: { '': value } }) : []
  }))
  const names = rows[0]?.parts.map(([name]) => name.trim()) ?? []
  const isGrid = names.length > 1 && rows.every(({ parts }) => parts.length === names.length)
  if (!isGrid)
    return ['| figure | value |', '|---|---|', ...rows.map(({ name, value }) => `| ${name} | ${value} |`)]
  const lines = rows.map(({ name, parts }) => [name, ...parts.map(([, number]) => number)])
  return [['', ...names], ['', ...names].map(() => '---'), ...lines].map(cells => `| ${cells.join(' | ')} |`)
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
