/**
 * `pnpm tests`: the types, and the tests of every package and of the scripts, by turbo, which keeps what passed.
 * Where something failed, its failures are told and all that did not pass is run once more, one task after the
 * other; what fails twice has failed. Ends with the failures that are left and the sum: `N passed, N failed`.
 */
import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { root } from './root.ts'
import { countsOfTap, isGood, NOTHING, orFailed, sum, tallyLine, UNFINISHED } from './tally/counts.ts'
import { failuresOf, tellFailures } from './tally/failures.ts'
import { type TaskLog, taskLogs } from './tally/task-logs.ts'

const TASKS = ['//#typecheck', 'test', 'test:integration', '//#test:start', '//#test:scripts']

/** Runs what is not known to pass; resolves to turbo's exit code as text. */
async function runTurbo(...options: string[]): Promise<string> {
  const argv = ['run', ...TASKS, '--continue', ...options]
  const child = spawn(join(root, 'node_modules/.bin/turbo'), argv, { cwd: root, stdio: 'inherit' })
  const code = await new Promise<number | null>((resolve, reject) =>
    child.once('error', reject).once('close', resolve)
  )
  return String(code)
}

const linesOf = ({ task, output }: TaskLog): string[] => [
  ...tellFailures(task, failuresOf(output)),
  ...(countsOfTap(output) === undefined ? tellFailures(task, [BROKEN_OFF]) : [])
]
const BROKEN_OFF = { names: ['no closing line: its tests did not finish'], diagnostics: [] }

const tellAll = (): void => {
  for (const line of taskLogs(root).flatMap(linesOf)) console.log(line)
}

let code = await runTurbo('--concurrency=4')
if (code !== '0') {
  tellAll()
  console.log('== what did not pass is run once more, one task after the other')
  code = await runTurbo('--concurrency=1', '--output-logs=new-only')
  tellAll()
}
const counts = taskLogs(root).map(({ output }) => countsOfTap(output) ?? UNFINISHED)
const total = orFailed(counts.reduce(sum, NOTHING), code)
console.log(tallyLine(total))
process.exitCode = isGood(total) ? 0 : 1
