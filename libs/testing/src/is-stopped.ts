import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'

/** Whether SIGSTOP has taken effect on a process: the kernel delivers it some time after `kill` returned. */
export function isStopped(pid: number): boolean {
  return stateOf(pid).startsWith('T')
}

// On Linux the state follows the name in brackets, which may hold anything; elsewhere `ps` is asked.
function stateOf(pid: number): string {
  if (!existsSync('/proc/self/stat'))
    return execFileSync('ps', ['-o', 'state=', '-p', String(pid)], { encoding: 'utf8' })
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
  return stat.slice(stat.lastIndexOf(')') + 2)
}
