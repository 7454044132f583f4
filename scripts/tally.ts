/**
 * `tally.ts FILE...` adds up the printed outputs of whole stages of tests: the failures that they told once more,
 * and as the last line the sum: `N passed, N failed`, and `, N skipped` where any were.
 */
import { readFileSync } from 'node:fs'
import { countsOfTally, isGood, NOTHING, sum, tallyLine, UNFINISHED } from './tally/counts.ts'
import { toldFailuresIn } from './tally/failures.ts'

const stages = process.argv.slice(2).map(file => ({ file, output: readFileSync(file, 'utf8') }))
const counts = stages.map(({ file, output }) => {
  const read = countsOfTally(output)
  if (read === undefined) console.log(`${file} has no closing line: its tests did not finish`)
  return read ?? UNFINISHED
})
for (const line of stages.flatMap(({ output }) => toldFailuresIn(output))) console.log(line)
const total = counts.reduce(sum, NOTHING)
console.log(tallyLine(total))
process.exitCode = isGood(total) ? 0 : 1
