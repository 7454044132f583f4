import { type ChildProcess, spawn } from 'node:child_process'
import { join } from 'node:path'
import { root } from '../root.ts'

/** The start command of a test while it runs, with all that it printed. */
export interface StartCommand {
  readonly child: ChildProcess
  /** Resolves with the whole output once it has this; rejects when the command ends before. */
  said(text: string | RegExp): Promise<string>
  output(): string
}

/**
 * Runs the built start command as a terminal does: in a process group of its own, so that a signal to the
 * group is Ctrl-C.
 */
export function startCommand(...args: string[]): StartCommand {
  const child = spawn(process.execPath, [join(root, 'scripts/dist/start.js'), ...args], {
    detached: true,
    // Where CI is set, picocolors colours what no terminal shows.
    env: { ...process.env, NODE_OPTIONS: '', NO_COLOR: '1' }
  })
  let output = ''
  const waiting = new Set<() => void>()
  const heard = (chunk: Buffer | string): void => {
    output += chunk
    for (const check of waiting) check()
  }
  child.stdout.on('data', heard)
  child.stderr.on('data', heard)
  child.once('exit', () => heard(''))
  const isSaid = (text: string | RegExp): boolean =>
    typeof text === 'string' ? output.includes(text) : text.test(output)
  return {
    child,
    output: () => output,
    said: text =>
      new Promise((resolve, reject) => {
        const check = (): void => {
          if (isSaid(text)) resolve(output)
          else if (child.exitCode !== null)
            reject(new Error(`start ended without saying ${text}:\n${output}`))
          else return
          waiting.delete(check)
        }
        waiting.add(check)
        check()
      })
  }
}

/** Whether there is a process of this id. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}
