import { AppError } from '@meridian/errors'
import { Command } from 'commander'

/** Where nothing was done, because of what was asked or where. */
const REFUSED = 2
/** Where it was tried. */
const FAILED = 1

/** A command of the terminal: what is wrong in its command line is told in one line with a code. */
export const createCommand = (name: string): Command =>
  new Command(name)
    .configureOutput({
      outputError: (text, write) => write(`${badOption(text.replace(/^error: /, '')).message}\n`)
    })
    .exitOverride(({ exitCode }) => process.exit(exitCode === 0 ? 0 : REFUSED))

const badOption = (text: string): AppError =>
  new AppError('RUN_BAD_OPTION', { detail: text.trim().replaceAll(/\s*\n\s*/g, ' ') })

/** Ends the process with one line that tells what was caught. */
export function refuse(caught: unknown): never {
  process.stderr.write(`${reasonOf(caught)}\n`)
  process.exit(exitCodeOf(caught))
}

/** One line that tells what was caught; a stack only for what nobody foresaw. */
export function reasonOf(caught: unknown): string {
  if (!(caught instanceof Error)) return String(caught)
  if (isOfFile(caught)) return new AppError('RUN_BAD_FILE', { detail: caught.message }).message
  return caught instanceof AppError && caught.code !== 'GEN_INTERNAL' ? caught.message : String(caught.stack)
}

/** The exit code of a process that ends because of what was caught. */
export const exitCodeOf = (caught: unknown): number =>
  (caught instanceof AppError && !FAILURES.test(caught.code)) || isOfFile(caught) ? REFUSED : FAILED

const FAILURES = /^BRK_|^GEN_INTERNAL$|^RUN_(NOT_READY|TOOL_FAILED|BAD_IMAGE|ENDED)$/

/** Whether the system refused a file or a folder: its message names both. */
const isOfFile = (caught: unknown): boolean =>
  caught instanceof Error && 'syscall' in caught && 'path' in caught
