/**
 * `pnpm tests`: style, types, what nobody uses, and the tests of every package and of the scripts, by turbo, which
 * keeps what passed. What `pnpm bundle` has written must stand there: turbo writes none of it here, for a bundle that is
 * written anew while a test starts it ends with 1 and no word.
 * Turbo begins tasks in an order of its own: what takes longest has runs of its own beside the others, so that
 * it never begins last; the console goes before them on the processor: a browser that waits for its turn behind ten
 * other processes takes four times as long. Where something failed, its failures are told and all that did not pass is run once
 * more, one task after the other; what fails twice has failed. Ends with the failures that are left and the
 * sum: `N passed, N failed`.
 */
import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { PLACES } from '@meridian/testing/places'
import { root } from './root.ts'
import { countsOfTap, isGood, NOTHING, orFailed, sum, tallyLine, UNFINISHED } from './tally/counts.ts'
import { failuresOf, tellFailures } from './tally/failures.ts'
import { type TaskLog, taskLogs } from './tally/task-logs.ts'

/** Packages whose tests take longest, besides the console's and the scripts'. */
const SLOW = ['@meridian/gateway', '@meridian/commander', '@meridian/api']
const CONSOLE = '@meridian/console'

const testsOf = (name: string): string[] => [`${name}#test`, `${name}#test:integration`]

/** What is to be run, and by how much it stands back for others on the processor, as `nice` counts it. */
interface Run {
  readonly tasks: readonly string[]
  /** How many of them at a time: most wait for a broker or a silence for longer than they compute. */
  readonly atATime: number
  readonly niceness: number
}

/** Runs what is not known to pass; resolves to turbo's exit code. */
async function runTurbo({ tasks, niceness }: Run, ...options: string[]): Promise<number | null> {
  const turbo = [join(root, 'node_modules/.bin/turbo'), 'run', ...tasks, ...options, '--continue']
  const child = spawn('nice', ['-n', String(niceness), ...turbo], { cwd: root, stdio: 'inherit' })
  return new Promise((resolve, reject) => child.once('error', reject).once('close', resolve))
}

const areGood = (codes: readonly (number | null)[]): boolean => codes.every(code => code === 0)

const linesOf = ({ task, output }: TaskLog): string[] => [
  ...tellFailures(task, failuresOf(output)),
  ...(countsOfTap(output) === undefined ? tellFailures(task, [BROKEN_OFF]) : [])
]
const BROKEN_OFF = { names: ['no closing line: its tests did not finish'], diagnostics: [] }

const tellAll = (): void => {
  for (const line of taskLogs(root).flatMap(linesOf)) console.log(line)
}

const runs: readonly Run[] = [
  { tasks: testsOf(CONSOLE), atATime: 2, niceness: 0 },
  { tasks: ['//#test:scripts', ...SLOW.flatMap(testsOf)], atATime: 1 + SLOW.length, niceness: 5 },
  {
    tasks: [
      ...['//#lint', '//#typecheck', '//#unused', 'test', 'test:integration'],
      ...[CONSOLE, ...SLOW].map(name => `--filter=!${name}`)
    ],
    atATime: PLACES - 2 - 1 - SLOW.length,
    niceness: 5
  }
]
let codes = await Promise.all(runs.map(run => runTurbo(run, `--concurrency=${run.atATime}`)))
if (!areGood(codes)) {
  tellAll()
  console.log('== what did not pass is run once more, one task after the other')
  codes = []
  for (const run of runs) codes.push(await runTurbo(run, '--concurrency=1', '--output-logs=new-only'))
  tellAll()
}
const counts = taskLogs(root).map(({ output }) => countsOfTap(output) ?? UNFINISHED)
const total = orFailed(counts.reduce(sum, NOTHING), areGood(codes) ? '0' : '1')
console.log(tallyLine(total))
process.exitCode = isGood(total) ? 0 : 1
