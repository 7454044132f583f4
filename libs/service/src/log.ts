import { type Logger, pino } from 'pino'
import pretty from 'pino-pretty'

/** Where and how a process logs. */
export interface LogOptions {
  readonly name: string
  readonly level: string
  /** Readable lines for a terminal instead of JSON. */
  readonly pretty: boolean
}

/** The logger of a process: JSON lines on standard output, or readable ones. */
export function createLog({ name, level, pretty: isPretty }: LogOptions): Logger {
  if (!isPretty) return pino({ name, level })
  // A stream, not a pino transport: a transport is a worker thread with a file of its own, which a bundle
  // lacks.
  const stream = pretty({ ignore: 'pid,hostname', translateTime: 'SYS:HH:MM:ss.l', sync: true })
  return pino({ name, level }, stream)
}
