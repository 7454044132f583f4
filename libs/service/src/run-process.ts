import type { Logger } from 'pino'

/** What a process runs. Making it opens nothing; `stop` may be called twice, and while `start` is under way. */
export interface Startable {
  start(): Promise<void>
  stop(): Promise<void>
}

/** How a process ends. */
export interface ProcessOptions {
  readonly log: Logger
  /** Ms from the first signal to the forced end. */
  readonly graceMs: number
}

/**
 * Starts something and stays until told to stop. First SIGTERM or SIGINT: `stop`, then exit 0; a second one, or `graceMs`, exits 1. A failed
 * start is logged, stopped and exits 1. A process that was started with an IPC channel also stops when the other end is gone, so that a killed
 * supervisor leaves nobody behind. An unhandled rejection or exception is logged and ends the process the orderly way, with exit 1.
 */
export async function runProcess(startable: Startable, { log, graceMs }: ProcessOptions): Promise<void> {
  let stopping: Promise<void> | undefined
  const end = (code: number, why: string): void => {
    if (stopping !== undefined) {
      log.warn({ why }, 'ended without waiting')
      process.exit(1)
    }
    log.info({ why }, 'stopping')
    setTimeout(() => process.exit(1), graceMs).unref()
    stopping = startable.stop().then(
      () => process.exit(code),
      (err: unknown) => {
        log.error({ err }, 'stop failed')
        process.exit(1)
      }
    )
  }
  const fatal = (err: unknown, what: string): void => {
    log.fatal({ err }, what)
    end(1, what)
  }
  process.on('SIGTERM', () => end(0, 'SIGTERM'))
  process.on('SIGINT', () => end(0, 'SIGINT'))
  process.on('disconnect', () => end(0, 'the supervisor is gone'))
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
