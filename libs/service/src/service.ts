import type { Logger } from 'pino'

/** Version of Meridian, as every service tells it. */
export const VERSION = '0.1.0'

/** What a process runs. `createX` opens nothing; `start` opens in order, `stop` goes the other way and may be called twice. */
export interface Service {
  start(): Promise<void>
  stop(): Promise<void>
}

/** How a process ends: `graceMs` after the first SIGTERM or SIGINT it exits 1 whether or not `stop` is done. */
export interface RunOptions {
  readonly log: Logger
  readonly graceMs: number
}

/**
 * Starts a service and stays until it is told to stop. First signal: `stop`, then exit 0; a second signal, or `graceMs`, exits 1. A failed
 * start is logged and exits 1. A process that was started with an IPC channel also stops when the other end is gone, so that a killed supervisor
 * leaves nobody behind. An unhandled rejection or exception is logged and ends the process the orderly way, with exit 1.
 */
export async function runService(service: Service, { log, graceMs }: RunOptions): Promise<void> {
  let stopping: Promise<void> | undefined
  const end = (code: number, why: string): void => {
    if (stopping !== undefined) {
      log.warn({ why }, 'ended without waiting')
      process.exit(1)
    }
    log.info({ why }, 'stopping')
    setTimeout(() => process.exit(1), graceMs).unref()
    stopping = service.stop().then(
      () => process.exit(code),
      (err: unknown) => {
        log.error({ err }, 'stop failed')
        process.exit(1)
      }
    )
  }
  process.on('SIGTERM', () => end(0, 'SIGTERM'))
  process.on('SIGINT', () => end(0, 'SIGINT'))
  process.on('disconnect', () => end(0, 'the supervisor is gone'))
  process.on('uncaughtException', err => fatal(err))
  process.on('unhandledRejection', err => fatal(err))
  const fatal = (err: unknown): void => {
    log.fatal({ err }, 'unexpected error')
    end(1, 'unexpected error')
  }
  try {
    await service.start()
    log.info('ready')
  } catch (err) {
    log.fatal({ err }, 'start failed')
    end(1, 'start failed')
  }
}
