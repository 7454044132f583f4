import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { StartError, say } from './say.ts'

/** What runs where: for `pnpm tail`, the benches and the next start. */
interface RunFile {
  readonly url: string
  readonly nats: string
  readonly pids: Readonly<Record<string, number>>
  /** Where each process says whether it is ready. */
  readonly ready: Readonly<Record<string, string>>
}

/** The file `run.json` of a data folder, while this process owns the folder. */
export interface RunFileOwner {
  write(run: RunFile): void
  remove(): void
}

/**
 * Takes a data folder. Throws StartError while another start runs on it; ends the broker of an earlier one
 * that was killed before it could, by the process id it left behind.
 */
export function claimFolder(data: string): RunFileOwner {
  const file = join(data, 'run.json')
  const earlier = readEarlier(file)
  if (earlier !== undefined && runs(earlier.starter, 'scripts/dist/start.js'))
    throw new StartError(
      `Meridian runs on ${data} already (process ${earlier.starter}); end it, or choose another folder with --data.`
    )
  const broker = earlier?.pids['nats-server']
  if (broker !== undefined && runs(broker, 'nats.conf')) {
    process.kill(broker, 'SIGTERM')
    say.warn(`an earlier start had left its broker running (process ${broker}); it was ended`)
  }
  return {
    write: run => writeFileSync(file, `${JSON.stringify({ starter: process.pid, ...run }, null, 2)}\n`),
    remove: () => rmSync(file, { force: true })
  }
}

function readEarlier(file: string): (RunFile & { readonly starter: number }) | undefined {
  try {
    const run = JSON.parse(readFileSync(file, 'utf8'))
    return typeof run.starter === 'number' && typeof run.pids === 'object' ? run : undefined
  } catch {
    return undefined
  }
}

/** Whether a process lives and was started with this word: ids are used again. */
function runs(pid: number, word: string): boolean {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes(word)
  } catch {
    return false
  }
}
