/** Adds up what the tests of all packages said and prints it as the last line: `N passed, N failed`, and `, N skipped` where any were. */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('..', import.meta.url))

/** What one run of tap counted. */
interface Counts {
  readonly total: number
  readonly pass: number
  readonly fail: number
  readonly skip: number
}

function logs(): string[] {
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

function countsOf(log: string): Counts | undefined {
  const line = readFileSync(log, 'utf8')
    .split('\n')
    .findLast(text => /^# \{ total: .*\}$/.test(text))
  if (line === undefined) return undefined
  const number = (name: string): number => Number(new RegExp(`${name}: (\\d+)`).exec(line)?.[1] ?? 0)
  return {
    total: number('total'),
    pass: number('pass'),
    fail: number('fail'),
    skip: number('skip') + number('todo')
  }
}

const sum = { pass: 0, fail: 0, skip: 0 }
for (const log of logs()) {
  const counts = countsOf(log)
  if (counts === undefined) {
    sum.fail++
    console.log(`${log} has no closing line: its tests did not finish`)
    continue
  }
  sum.pass += counts.pass
  sum.fail += counts.fail
  sum.skip += counts.skip
}
console.log(`${sum.pass} passed, ${sum.fail} failed${sum.skip === 0 ? '' : `, ${sum.skip} skipped`}`)
process.exitCode = sum.fail > 0 || sum.pass === 0 ? 1 : 0
