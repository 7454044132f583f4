import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { AppError } from '@meridian/errors'

const run = promisify(execFile)
const LIMIT_MS = 10 * 60_000
const MAX_OUTPUT_BYTES = 64 * 1024 * 1024

/** Where and with what a program runs; default: as this process. */
export interface ToolOptions {
  readonly cwd?: string
  readonly env?: NodeJS.ProcessEnv
}

/**
 * Runs a program to its end and resolves to what it printed. Rejects with RUN_TOOL_FAILED where it is not installed,
 * ends with anything but 0, or takes more than ten minutes; the message has the last lines that it wrote.
 */
export async function runTool(
  program: string,
  args: readonly string[],
  { cwd, env = process.env }: ToolOptions = {}
): Promise<string> {
  try {
    const options = { cwd, env, timeout: LIMIT_MS, maxBuffer: MAX_OUTPUT_BYTES }
    const { stdout } = await run(program, args, options)
    return stdout
  } catch (cause) {
    const { stderr = '', message } = cause as { stderr?: string; message: string }
    const said = (stderr.trim() || message).split('\n').slice(-3).join(' | ')
    throw new AppError('RUN_TOOL_FAILED', { cause, detail: `${program} ${args[0] ?? ''}: ${said}` })
  }
}
