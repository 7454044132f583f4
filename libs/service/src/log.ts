import { cutText } from '@meridian/errors'
import { type DestinationStream, type Logger, type LoggerOptions, pino } from 'pino'
import pretty from 'pino-pretty'
import { sourceStackOf } from './source-stack.ts'

/** Where and how a process logs. */
export interface LogOptions {
  readonly name: string
  readonly level: string
  /** Readable lines for a terminal instead of JSON. */
  readonly pretty: boolean
  /** Where lines go; default: standard output. */
  readonly destination?: DestinationStream
}

/** Characters of one fact, and of an error's stack: what comes from outside may be of any length. */
const MAX_FACT = 500
const MAX_STACK = 4_000

/**
 * The logger of a process: JSON lines on standard output, or readable ones. Texts among the facts of a line,
 * and those of its error, are cut to 500 characters.
 */
export function createLog({ name, level, pretty: isPretty, destination }: LogOptions): Logger {
  const options = { name, level, ...bounds }
  if (!isPretty) return pino(options, destination ?? standardOutput())
  // A stream, not a pino transport: a transport is a worker thread with a file of its own, which a bundle
  // lacks.
  const shown = { ignore: 'pid,hostname', translateTime: 'SYS:HH:MM:ss.l', sync: true }
  return pino(options, pretty({ ...shown, ...(destination === undefined ? {} : { destination }) }))
}

/**
 * Each line is written at once, in the background, so that a reader that stands still stops no service; with
 * a least length of 0, pino's `flush` would wait for nothing.
 */
const standardOutput = (): DestinationStream => pino.destination({ dest: 1, minLength: 1, sync: false })

const bounds = {
  formatters: { log: facts => boundTexts(facts, MAX_FACT) },
  serializers: {
    err: (caught: unknown) => (caught instanceof Error ? boundError(caught) : caught)
  }
} as const satisfies LoggerOptions

function boundError(error: Error): Record<string, unknown> {
  const { stack, ...rest } = pino.stdSerializers.err(error)
  return { ...boundTexts(rest, MAX_FACT), stack: cutText(sourceStackOf(String(stack)), MAX_STACK) }
}

function boundTexts(facts: object, most: number): Record<string, unknown> {
  const bounded: Record<string, unknown> = { ...facts }
  for (const [fact, value] of Object.entries(bounded))
    if (typeof value === 'string') bounded[fact] = cutText(value, most)
  return bounded
}

/** A reader that takes nothing does not hold up the end of a process for longer. */
const WRITE_MS = 500

/**
 * Resolves when all that was logged is written, at the latest after `WRITE_MS`: a process that ends loses what
 * is under way, and a `fatal` line overtakes it.
 */
export function logWritten(log: Logger): Promise<void> {
  return new Promise(resolve => {
    const bound = setTimeout(resolve, WRITE_MS)
    log.flush(() => {
      clearTimeout(bound)
      resolve()
    })
  })
}
