import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { root } from '../root.ts'
import { countsOfTap, orFailed } from '../tally/counts.ts'
import { failuresOf, tellFailures } from '../tally/failures.ts'
import type { FileOutcome } from './stage.ts'

/** tap ends a test file by itself; this much later its whole process group is killed. */
const GRACE_MS = 15_000

/** Runs one test file under tap, in the folder of its package, and passes on what it prints. */
export async function runTap(file: string, limitMs: number): Promise<FileOutcome> {
  const [room = '', name = ''] = file.split('/')
  const folder = join(root, room === 'scripts' ? '' : join(room, name))
  const limit = `--timeout=${Math.ceil(limitMs / 1000)}`
  const began = performance.now()
  const child = spawn(join(root, 'node_modules/.bin/tap'), ['--reporter=tap', limit, join(root, file)], {
    cwd: folder,
    detached: true,
    stdio: ['ignore', 'pipe', 'inherit']
  })
  const endGroup = (): void => {
    if (child.pid !== undefined && child.exitCode === null) process.kill(-child.pid, 'SIGKILL')
  }
  const timer = setTimeout(endGroup, limitMs + GRACE_MS)
  process.once('exit', endGroup)
  let output = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    output += text
    process.stdout.write(text)
  })
  const code = await new Promise<number | null>((resolve, reject) =>
    child.once('error', reject).once('close', resolve)
  )
  clearTimeout(timer)
  process.off('exit', endGroup)
  // A file that tap ended for its time may have had no assertion that failed.
  const counts = countsOfTap(output)
  return {
    counts: counts && orFailed(counts, String(code)),
    seconds: (performance.now() - began) / 1000,
    failures: tellFailures(room === 'scripts' ? room : join(room, name), failuresOf(output))
  }
}
