/**
 * Adds up tests and prints the sum as the last line: `N passed, N failed`, and `, N skipped` where any were.
 * `tally.ts --exit-code N` reads what turbo keeps of each package's tests; where turbo ended with another code
 * than 0 though no test failed, a task without tests did (the types), and that counts as one failure.
 * `tally.ts FILE...` reads the printed output of whole stages.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { root } from './root.ts'
import {
  type Counts,
  countsOfTally,
  countsOfTap,
  isGood,
  NOTHING,
  orFailed,
  sum,
  tallyLine
} from './tally/counts.ts'

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

const {
  values: { 'exit-code': exitCode },
  positionals: stages
} = parseArgs({ allowPositionals: true, options: { 'exit-code': { type: 'string' } } })
const total =
  stages.length > 0
    ? stages.map(file => countsIn(file, countsOfTally)).reduce(sum, NOTHING)
    : orFailed(
        packageLogs()
          .map(file => countsIn(file, countsOfTap))
          .reduce(sum, NOTHING),
        exitCode
      )
console.log(tallyLine(total))
process.exitCode = isGood(total) ? 0 : 1
