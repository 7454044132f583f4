import { type Logger, pino } from 'pino'

/** One line of a log, as pino writes it. */
export interface LogRecord {
  readonly level: number
  readonly msg: string
  readonly [fact: string]: unknown
}

/** A logger that prints nothing and keeps what was logged, children included. */
export type TestLog = Logger & { readonly records: readonly LogRecord[] }

/** Makes a logger for a test. With `MERIDIAN_TEST_LOG` set it also prints to standard error. */
export function createTestLog(): TestLog {
  const records: LogRecord[] = []
  const print = process.env['MERIDIAN_TEST_LOG'] !== undefined
  const log = pino(
    { level: 'trace', base: null },
    {
      write(line: string) {
        records.push(JSON.parse(line) as LogRecord)
        if (print) process.stderr.write(line)
      }
    }
  )
  return Object.assign(log, { records })
}
