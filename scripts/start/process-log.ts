import { createWriteStream, existsSync, readFileSync, renameSync, type WriteStream } from 'node:fs'
import { say } from './say.ts'

/** Takes a chunk of what a process has written to its output; `flushed` is kept once all of it is in the file. */
export type ProcessLog = ((chunk: Buffer) => void) & { readonly flushed: () => Promise<void> }

const REOPEN_MS = 5_000
const TELL_MS = 60_000
/** What may wait for a slow disk; beyond it lines are lost rather than memory. */
const MOST_WAITING_BYTES = 4 * 1024 * 1024
/** From here on a line of a log is an error (pino's levels). */
const ERROR_LEVEL = 50
const LONGEST_WORDS = 300

/**
 * Writes what a process says into a file; the file of its last run stays as `.1`. A disk that is full, or a
 * file that cannot be written, costs the lines and is told to the person: it never ends this process, nor
 * holds up the other.
 */
export function createProcessLog(file: string): ProcessLog {
  let log: WriteStream | undefined
  let failedMs = Number.NEGATIVE_INFINITY
  const open = (flags: 'w' | 'a'): WriteStream =>
    createWriteStream(file, { flags, mode: 0o600 }).on('error', error => {
      log = undefined
      failedMs = performance.now()
      tellOnce(file, error)
    })
  try {
    if (existsSync(file)) renameSync(file, `${file}.1`)
  } catch (error) {
    tellOnce(file, error as Error)
  }
  log = open('w')
  const take = (chunk: Buffer): void => {
    if (log === undefined && performance.now() - failedMs > REOPEN_MS) log = open('a')
    if (log !== undefined && log.writableLength < MOST_WAITING_BYTES) log.write(chunk)
  }
  const flushed = (): Promise<void> =>
    new Promise(resolve => {
      if (log === undefined) resolve()
      else log.write('', () => resolve())
    })
  return Object.assign(take, { flushed })
}

let toldMs = Number.NEGATIVE_INFINITY

/** One word a minute for all logs: they mostly share their disk. */
function tellOnce(file: string, { message }: Error): void {
  if (performance.now() - toldMs < TELL_MS) return
  toldMs = performance.now()
  say.fail(
    `${file} cannot be written (${message}): log lines are lost, and what the broker stores may be too.`
  )
}

/** Why a process ended, as far as its log knows: its last error, else what its last line says. */
export function lastWords(file: string): string {
  try {
    const lines = readFileSync(file, 'utf8').trimEnd().split('\n')
    const last = lines.at(-1) ?? ''
    const words = lines.map(line => sayingOf(line, ERROR_LEVEL)).findLast(isSaid) ?? sayingOf(last, 0) ?? last
    return words.slice(0, LONGEST_WORDS)
  } catch {
    return 'nothing'
  }
}

const isSaid = (text: string | undefined): boolean => text !== undefined

/** What a line of at least this level says: its message, and that of its error; undefined for any other. */
function sayingOf(line: string, least: number): string | undefined {
  try {
    const { level, msg, err } = JSON.parse(line) as {
      level?: number
      msg?: string
      err?: { message?: string }
    }
    if (level === undefined || level < least || msg === undefined) return undefined
    return [msg, err?.message].filter(isSaid).join(': ')
  } catch {
    return undefined
  }
}
