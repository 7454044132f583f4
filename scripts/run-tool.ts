import { execFile } from 'node:child_process'
import { AppError } from '@meridian/errors'

const LIMIT_MS = 10 * 60_000
const MAX_OUTPUT_BYTES = 64 * 1024 * 1024

/** Where and with what a program runs; default: as this process. */
export interface ToolOptions {
  readonly cwd?: string
  /** All that it finds in its environment. */
  readonly env?: NodeJS.ProcessEnv
  /** It is ended after so long; default: ten minutes. */
  readonly timeoutMs?: number
}

/**
 * Runs a program to its end and resolves to what it printed. Rejects with RUN_TOOL_FAILED where it is not installed,
 * ends with anything but 0, or takes too long; the message has the last lines that it wrote.
 */
export function runTool(
  program: string,
  args: readonly string[],
  options: ToolOptions = {}
): Promise<string> {
  const { cwd, env = process.env, timeoutMs = LIMIT_MS } = options
  const limits = { timeout: timeoutMs, maxBuffer: MAX_OUTPUT_BYTES }
  return new Promise((resolve, reject) => {
    execFile(
      program,
      args,
      { ...(cwd !== undefined && { cwd }), env, ...limits },
      (cause, stdout, stderr) => {
        if (cause === null) return resolve(stdout)
        const detail = `${program} ${args[0] ?? ''}: ${reasonOf(cause, stderr, timeoutMs)}`
        reject(new AppError('RUN_TOOL_FAILED', { cause, detail }))
      }
    )
  })
}

interface Failure {
  /** A word where the program could not be run, else its exit code. */
  readonly code?: unknown
  readonly killed?: boolean
  readonly message: string
}

function reasonOf({ code, killed, message }: Failure, stderr: string, timeoutMs: number): string {
  if (code === 'ENOENT') return 'it is not installed'
  if (killed === true && code === null) return `it took longer than ${timeoutMs / 1000} s`
  return (stderr.trim() || message.trim()).split('\n').slice(-3).join(' | ')
}

/** What was wrong, in one clause for a sentence that names others beside it: without code and constant message. */
export function clauseOf(caught: unknown): string {
  if (caught instanceof AppError) return caught.detail ?? caught.message
  return caught instanceof Error ? caught.message : String(caught)
}
