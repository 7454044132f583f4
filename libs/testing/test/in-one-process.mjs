/**
 * `in-one-process.mjs FOLDER [--turn NAME]`: runs the test files below a folder of the package in which it is
 * started, one after the other in one process: a process for each costs a second of CPU before its first test.
 * With a turn it waits, before its first test, for any other run on this machine that has the turn of this name:
 * two runs that share two cores for their browsers both run out of time. For the same reason so many packages
 * at a time are tested on a machine as one `pnpm tests` begins, however many of those run there, each on ports of
 * its own. What a file gives to `t.teardown` or `t.after` outside its tests is done when its tests have ended,
 * before the next file is read; its `t.end()` ends nothing, and its `t.setTimeout()` limits nothing. One file by
 * itself: `npx tap test/some.test.ts`.
 */
import { readdirSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { parseArgs } from 'node:util'
import '../src/compile-by-tsx.cjs'
import 'tsx'
import { takeTurn } from './take-turn.mjs'

// Seconds for all of them together: beside other runs the tests of the scripts take more than ten minutes.
process.env.TAP_TIMEOUT ??= '3000'
// For one of them, as in .taprc.
const TEST_MS = 900_000
const { PLACES, PLACE_VARIABLE } = await import('../src/places.ts')
const { default: t } = await import('tap')
const end = t.end.bind(t)
const test = t.test.bind(t)
t.test = (name, ...rest) => {
  const [extra, run] = rest.length > 1 ? rest : [{}, rest[0]]
  return test(name, { timeout: TEST_MS, ...extra }, run)
}

const {
  positionals: [folder],
  values: { turn }
} = parseArgs({ allowPositionals: true, options: { turn: { type: 'string' } } })
const say = what => () => t.comment(`waits: ${what} on this machine`)
if (turn !== undefined) await takeTurn(turn, { onWait: say(`another run has the turn of ${turn}`) })
const place = await takeTurn('package', { places: PLACES, onWait: say(`${PLACES} packages are tested`) })
process.env[PLACE_VARIABLE] = String(place)

/** Runs the tests of a file; resolves when they have ended, and what it had opened for all of them too. */
async function run(path) {
  const ends = []
  t.teardown = t.after = end => void ends.unshift(end)
  t.end = () => {}
  // It would be that of all files together.
  t.setTimeout = () => {}
  t.comment(path)
  await import(pathToFileURL(resolve(path)).href)
  await t.test(`${path}: ended`, async () => {
    for (const end of ends) await end()
  })
}

const files = readdirSync(folder, { recursive: true, encoding: 'utf8' })
  .filter(name => name.endsWith('.test.ts'))
  .map(name => join(folder, name))
for (const path of files.sort()) await run(path)
end()
