/**
 * Adds up tests and prints the sum as the last line: `N passed, N failed`, and `, N skipped` where any were.
 * Without arguments it reads what turbo keeps of each package's tests; with arguments, the files that hold
 * the printed output of whole stages.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { root } from './root.ts'
import { type Counts, countsOfTally, countsOfTap, isGood, NOTHING, sum, tallyLine } from './tally/counts.ts'

const UNFINISHED: Counts = { pass: 0, fail: 1, skip: 0 }

function packageLogs(): string[] {
  const packages = ['libs', 'services'].flatMap(folder =>
    readdirSync(join(root, folder)).map(name => join(root, folder, name))
  )
  return [root, ...packages].flatMap(folder => {
    const turbo = join(folder, '.turbo')
    if (!existsSync(turbo)) return []
    return readdirSync(turbo)
      .filter(file => /^turbo-test.*\.log$/.test(file))
      .map(file => join(turbo, file))
  })
}

function countsIn(file: string, read: (output: string) => Counts | undefined): Counts {
  const counts = read(readFileSync(file, 'utf8'))
  if (counts === undefined) console.log(`${file} has no closing line: its tests did not finish`)
  return counts ?? UNFINISHED
}

const stages = process.argv.slice(2)
const counts =
  stages.length > 0
    ? stages.map(file => countsIn(file, countsOfTally))
    : packageLogs().map(file => countsIn(file, countsOfTap))
const total = counts.reduce(sum, NOTHING)
console.log(tallyLine(total))
process.exitCode = isGood(total) ? 0 : 1
