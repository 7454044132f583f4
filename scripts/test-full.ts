/**
 * `pnpm test:full [WORD...]`: what takes too long for `npm test`, or needs servers; with words, only the
 * files whose path has one of them.
 */
import { basename } from 'node:path'
import { whyNoApicurio, whyNoKafka } from '@meridian/testing'
import { findFullTests } from './full/find-files.ts'
import { whyNoPython } from './full/python.ts'
import { runTap } from './full/run-tap.ts'
import { runStage } from './full/stage.ts'
import { root } from './root.ts'
import { isGood, tallyLine } from './tally/counts.ts'

const MINUTE_MS = 60_000

/** Files that need what a machine may lack, by the beginning of their names. */
const needs: Readonly<Record<string, () => string | undefined>> = {
  apicurio: () => whyNoApicurio() ?? whyNoKafka(),
  kafka: () => whyNoKafka(),
  older: () => whyNoKafka('3.9.1'),
  python: whyNoPython
}

const whyLeftOut = (file: string): string | undefined => needs[basename(file).split('-')[0] ?? '']?.()

const words = process.argv.slice(2)
const files = findFullTests(root).filter(
  file => words.length === 0 || words.some(word => file.includes(word))
)
const total = await runStage(files, {
  run: runTap,
  leftOut: whyLeftOut,
  // Five minutes of a browser in the background, whose timers wait.
  waits: file => file.endsWith('background-tab.full.ts'),
  say: line => console.log(`== ${line}`),
  tell: line => console.log(line),
  budgetMs: 72 * MINUTE_MS,
  fileMs: 10 * MINUTE_MS
})
console.log(tallyLine(total))
process.exitCode = isGood(total) ? 0 : 1
