import { execFile } from 'node:child_process'

/** How a tool is run: never longer than `timeoutMs`, with `env` added to this process's own. */
export interface ToolOptions {
  readonly timeoutMs: number
  readonly env?: Readonly<Record<string, string>>
  readonly cwd?: string
}

/**
 * Runs a program and returns what it printed; an error says in one line what it said last, or that it is not
 * installed.
 */
export function runTool(
  program: string,
  args: readonly string[],
  { timeoutMs, env = {}, cwd }: ToolOptions
): Promise<string> {
  return new Promise((resolve, reject) => {
    const options = {
      timeout: timeoutMs,
      env: { ...process.env, ...env },
      maxBuffer: 16 << 20,
      ...(cwd === undefined ? {} : { cwd })
    }
    execFile(program, args, options, (error, stdout, stderr) => {
      if (error === null) resolve(stdout)
      else reject(new Error(reasonOf(error, stderr, { program, timeoutMs })))
    })
  })
}

interface Failure {
  readonly code?: unknown
  readonly killed?: boolean
  readonly message: string
}

function reasonOf(
  error: Failure,
  stderr: string,
  { program, timeoutMs }: { program: string; timeoutMs: number }
): string {
  if (error.code === 'ENOENT') return `${program} is not installed`
  if (error.killed === true) return `${program} took longer than ${timeoutMs / 1000} s`
  const last = stderr.trim().split('\n').at(-1) ?? ''
  return `${program} failed: ${last === '' ? error.message.split('\n')[0] : last}`
}
