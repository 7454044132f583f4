import { type Logger, pino } from 'pino'
import pretty from 'pino-pretty'

/** Where and how a process logs. */
export interface LogOptions {
  readonly name: string
  readonly level: string
  /** For people at a terminal, instead of JSON lines. */
  readonly pretty: boolean
}

/** The logger of a process: JSON lines on standard output, or readable ones. */
export function createLog({ name, level, pretty: isPretty }: LogOptions): Logger {
  if (!isPretty) return pino({ name, level })
  // A stream instead of pino's transport: that is a thread which loads its own file, and a bundle has none.
  const stream = pretty({ ignore: 'pid,hostname', translateTime: 'SYS:HH:MM:ss.l', sync: true })
  return pino({ name, level }, stream)
}
