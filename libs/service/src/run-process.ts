import type { Logger } from 'pino'
import { logWritten } from './log.ts'

/**
 * Something that starts and stops with the process. Making it opens nothing; `stop` may be called twice, and
 * while `start` is under way.
 */
export interface Startable {
  start(): Promise<void>
  stop(): Promise<void>
}

/** Log of start and stop failures, and how long a stop may take. */
export interface ProcessOptions {
  readonly log: Logger
  /** Ms from the first signal to the forced end. */
  readonly graceMs: number
}

/**
 * Starts something and runs until a signal. The first SIGTERM or SIGINT calls `stop` and exits 0; a second one
 * exits 1 at once, as does `graceMs` after the first. A failed start, an unhandled rejection or exception
 * calls `stop` and exits 1; it is logged as `fatal` when the stop has ended, so that the last line of the log
 * says why the process ended. A process with an IPC channel also stops when the channel closes, so that a
 * killed supervisor leaves no orphans.
 */
export async function runProcess(startable: Startable, { log, graceMs }: ProcessOptions): Promise<void> {
  let stopping: Promise<void> | undefined
  let sayLast = (): void => undefined
  const exit = async (code: number): Promise<void> => {
    await logWritten(log)
    sayLast()
    await logWritten(log)
    process.exit(code)
  }
  const end = (code: number, why: string): void => {
    if (stopping !== undefined) {
      log.warn({ why }, 'ended without waiting')
      return void exit(1)
    }
    log.info({ why }, 'stopping')
    // Not unref-ed: a stop that never ends must not end as a success once nothing else is open.
    setTimeout(() => void exit(1), graceMs)
    stopping = startable.stop().then(
      () => exit(code),
      (err: unknown) => {
        log.error({ err }, 'stop failed')
        return exit(1)
      }
    )
  }
  const fatal = (err: unknown, what: string): void => {
    sayLast = () => log.fatal({ err }, what)
    end(1, what)
  }
  process.on('SIGTERM', () => end(0, 'SIGTERM'))
  process.on('SIGINT', () => end(0, 'SIGINT'))
  process.on('disconnect', () => end(0, 'the supervisor is gone'))
  // It may have gone while the modules were loaded, before anybody listened.
  if (process.connected === false) return end(0, 'the supervisor is gone')
  process.on('uncaughtException', err => fatal(err, 'unexpected error'))
  process.on('unhandledRejection', err => fatal(err, 'unexpected error'))
  try {
    await startable.start()
    if (stopping === undefined) log.info('ready')
  } catch (err) {
    if (stopping === undefined) fatal(err, 'start failed')
    else log.debug({ err }, 'start ended by the stop')
  }
}
