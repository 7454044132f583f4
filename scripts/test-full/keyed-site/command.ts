import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { scriptCommand } from '@meridian/testing'

export type Env = Readonly<Record<string, string>>

/** How a command of the terminal ended. */
export interface Ended {
  /** Null where a signal ended it. */
  readonly code: number | null
  readonly out: string
  readonly err: string
}

/** A command of the terminal on its way. */
export interface RunningCommand {
  readonly child: ChildProcess
  readonly ended: Promise<Ended>
  /** What it said on standard error so far. */
  said(): string
}

/**
 * Runs a program as a person does, without what tap preloads; `env` is added to the test's own. Default of the folder
 * in which it runs: the test's.
 */
export function begin(file: string, args: readonly string[], env: Env, cwd?: string): RunningCommand {
  const child = spawn(file, args, {
    env: { ...process.env, NODE_OPTIONS: '', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
    ...(cwd !== undefined && { cwd })
  })
  let [out, err] = ['', '']
  child.stdout.on('data', chunk => (out += chunk))
  child.stderr.on('data', chunk => (err += chunk))
  const ended = once(child, 'close').then(([code]) => ({ code: code as number | null, out, err }))
  return { child, ended, said: () => err }
}

/** Runs `pnpm streams`. */
export const beginStreams = (args: readonly string[], env: Env): RunningCommand =>
  begin(process.execPath, [...scriptCommand('streams'), ...args], env)
