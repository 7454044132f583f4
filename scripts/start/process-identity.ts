import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'

/** One process, also after its id was given to another: the id, and when it was born. */
export interface ProcessIdentity {
  readonly pid: number
  readonly born: string
}

/** The identity of a running process; undefined where none of this id runs. */
export function identityOf(pid: number): ProcessIdentity | undefined {
  const born = bornOf(pid)
  return born === undefined ? undefined : { pid, born }
}

/** Whether this very process still runs. */
export const isRunning = ({ pid, born }: ProcessIdentity): boolean => bornOf(pid) === born

/** Where `/proc` puts the state and the time of birth, counted behind the name in parentheses. */
const STATE = 0
const START_TIME = 19

function bornOf(pid: number): string | undefined {
  if (!existsSync('/proc/self/stat')) return askPs(pid)
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    // A zombie has ended; it only waits for its parent to look.
    return fields[STATE] === 'Z' ? undefined : `${bootOf()} ${fields[START_TIME]}`
  } catch {
    return undefined
  }
}

/** Times of birth are counted from the start of the machine. */
function bootOf(): string {
  try {
    return readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()
  } catch {
    return ''
  }
}

function askPs(pid: number): string | undefined {
  const { stdout } = spawnSync('ps', ['-o', 'lstart=', '-p', String(pid)], { encoding: 'utf8' })
  return stdout.trim() || undefined
}
