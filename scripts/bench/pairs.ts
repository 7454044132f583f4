import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { rounded } from './cpu.ts'
import type { BenchResult } from './result.ts'

/** Which benches are run alternately in both checkouts, how often, and for how long each. */
export interface PairsPlan {
  readonly names: readonly string[]
  /** Folder of the other checkout, with its packages installed. */
  readonly other: string
  readonly pairs: number
  readonly seconds: number
  readonly say: (line: string) => void
}

/**
 * Values of one figure in both checkouts, in the order of the pairs. Runs that called themselves invalid are
 * left out.
 */
export interface Comparison {
  readonly id: string
  readonly what: string
  readonly target: string
  readonly figure: string
  readonly here: readonly number[]
  readonly other: readonly number[]
  /** Runs of this checkout that were invalid. */
  readonly invalid: number
}

const here = fileURLToPath(new URL('../..', import.meta.url))

/** Runs each bench `pairs` times in this checkout and in the other, in turn, each in a process of its own. */
export async function runPairs({
  names,
  other,
  pairs,
  seconds,
  say
}: PairsPlan): Promise<readonly Comparison[]> {
  const runs: { readonly here: readonly BenchResult[]; readonly other: readonly BenchResult[] }[] = []
  for (const name of names)
    for (let pair = 1; pair <= pairs; pair++) {
      say(`${name}, pair ${pair} of ${pairs} …`)
      // Whoever runs second meets a warmer machine, so they take turns.
      const first = pair % 2 === 1 ? here : resolve(other)
      const second = first === here ? resolve(other) : here
      const one = await runIn(first, name, seconds)
      const two = await runIn(second, name, seconds)
      runs.push(first === here ? { here: one, other: two } : { here: two, other: one })
    }
  return comparisonsOf(runs)
}

async function runIn(folder: string, name: string, seconds: number): Promise<readonly BenchResult[]> {
  const scratch = mkdtempSync(join(tmpdir(), 'meridian-pairs-'))
  const json = join(scratch, 'figures.json')
  const args = ['--import', 'tsx', 'scripts/bench/run.ts', name]
  const child = spawn(process.execPath, [...args, '--seconds', String(seconds), '--json', json], {
    cwd: folder,
    stdio: ['ignore', 'ignore', 'inherit']
  })
  try {
    const [code] = (await once(child, 'exit')) as [number | null]
    if (code !== 0) throw new Error(`bench ${name} in ${folder} ended with ${code}`)
    return (JSON.parse(readFileSync(json, 'utf8')) as { results: BenchResult[] }).results
  } finally {
    rmSync(scratch, { recursive: true, force: true })
  }
}

function comparisonsOf(
  runs: readonly { readonly here: readonly BenchResult[]; readonly other: readonly BenchResult[] }[]
): readonly Comparison[] {
  const found = new Map<string, { -readonly [K in keyof Comparison]: Comparison[K] }>()
  const add = (side: 'here' | 'other', result: BenchResult): void => {
    for (const [figure, value] of numbersOf(result)) {
      const { id, what, target } = result
      const key = `${id} ${figure}`
      const known = found.get(key) ?? { id, what, target, figure, here: [], other: [], invalid: 0 }
      if (side === 'here') Object.assign(known, { what, target })
      if (result.reached !== 'invalid') known[side] = [...known[side], value]
      else if (side === 'here') known.invalid++
      found.set(key, known)
    }
  }
  for (const run of runs) {
    for (const result of run.here) add('here', result)
    for (const result of run.other) add('other', result)
  }
  return [...found.values()]
}

/**
 * The numbers of a result by name. A text of the form `p50 1.2  p99 3.4` gives one number for each of its
 * names.
 */
export function numbersOf({ figures }: Pick<BenchResult, 'figures'>): readonly (readonly [string, number])[] {
  return Object.entries(figures).flatMap(([name, value]) => {
    if (typeof value === 'number') return [[name, value] as const]
    const parts = [...value.matchAll(/([A-Za-z][\w -]*?) (-?\d+(?:\.\d+)?)(?=\s{2}|$)/g)]
    return parts.map(([, part = '', number]) => [`${name} ${part}`, Number(number)] as const)
  })
}

/** The middle of some values; NaN of none. */
export function medianOf(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b)
  const middle = sorted.length / 2
  if (sorted.length === 0) return Number.NaN
  if (!Number.isInteger(middle)) return sorted[Math.floor(middle)] as number
  return ((sorted[middle - 1] as number) + (sorted[middle] as number)) / 2
}

/** `median (least..most)`, or what it says when there is none. */
export function spreadText(values: readonly number[]): string {
  if (values.length === 0) return '-'
  return `${rounded(medianOf(values), 3)} (${Math.min(...values)}..${Math.max(...values)})`
}

/** This checkout's median over the other's; `-` where one of them has none. */
export function ratioText({ here: mine, other }: Comparison): string {
  const ratio = medianOf(mine) / medianOf(other)
  return Number.isFinite(ratio) ? ratio.toFixed(2) : '-'
}

/** The comparison as lines for a terminal. */
export const comparisonText = (comparisons: readonly Comparison[]): string =>
  comparisons
    .map(c => {
      const invalid = c.invalid === 0 ? '' : `, ${c.invalid} invalid`
      return `${c.id.padEnd(4)} ${c.figure.padEnd(34)} here ${spreadText(c.here)}  other ${spreadText(c.other)}  ratio ${ratioText(c)}${invalid}`
    })
    .join('\n')
