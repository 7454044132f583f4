import { type Logger, pino } from 'pino'

/** Where and how a process logs. */
export interface LogOptions {
  readonly name: string
  readonly level: string
  /** For people at a terminal, instead of JSON lines. */
  readonly pretty: boolean
}

/** The logger of a process: JSON lines on standard output, or readable ones. */
export function createLog({ name, level, pretty }: LogOptions): Logger {
  if (!pretty) return pino({ name, level })
  return pino({
    name,
    level,
    transport: { target: 'pino-pretty', options: { ignore: 'pid,hostname', translateTime: 'SYS:HH:MM:ss.l' } }
  })
}
