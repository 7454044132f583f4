/**
 * `pnpm tail 'tel.summit.>'`: prints messages as JSON lines until Ctrl-C, a count, or a reader that has seen
 * enough.
 */
import { existsSync, readFileSync } from 'node:fs'
import { type Broker, connectBroker, createFollower } from '@meridian/broker'
import { AppError } from '@meridian/errors'
import { messageToJson } from '@meridian/sample'
import { createLog } from '@meridian/service'
import {
  everythingBelow,
  filtersOf,
  matches,
  type Pattern,
  parsePattern,
  streamsUnder,
  traitsOf
} from '@meridian/subjects'
import { Command, InvalidArgumentError } from 'commander'

const RUN_FILE = '.meridian/run.json'
const EVERYTHING = everythingBelow('tel', {})
const LOCAL = 'nats://127.0.0.1:4222'

interface Options {
  readonly nats: string
  readonly count: number
  readonly last?: true
  readonly pretty?: true
}

const program = new Command('pnpm tail')
  .description(
    'Prints what is published on NATS subjects as JSON lines: samples decoded, records as they are.'
  )
  .argument('[patterns...]', "NATS patterns, such as 'tel.summit.>' or evt.summit.Watcher.0.alarm", [
    EVERYTHING
  ])
  .option(
    '--nats <url>',
    `broker; default: the running system's (${RUN_FILE}), else ${LOCAL}`,
    runningBroker()
  )
  .option('--count <n>', 'ends after so many messages', countOf, Number.POSITIVE_INFINITY)
  .option('--last', 'begins with the last value of each subject that a stream holds')
  .option('--pretty', 'prints each message over several lines')
  .parse()

const options = program.opts<Options>()
// A reader such as `head` closes the pipe when it has enough.
process.stdout.on('error', () => process.exit(0))
process.on('SIGINT', () => process.exit(0))
try {
  await tail(program.args.length === 0 ? [EVERYTHING] : program.args, options)
} catch (caught) {
  program.error(AppError.from(caught).message)
}

function runningBroker(): string {
  if (!existsSync(RUN_FILE)) return LOCAL
  const { nats } = JSON.parse(readFileSync(RUN_FILE, 'utf8')) as { nats?: unknown }
  return typeof nats === 'string' ? nats : LOCAL
}

function countOf(text: string): number {
  const count = Number(text)
  if (!Number.isInteger(count) || count < 1) throw new InvalidArgumentError('a whole number of 1 or more')
  return count
}

async function tail(texts: readonly string[], { nats, count, last, pretty }: Options): Promise<void> {
  const patterns = texts.map(parsePattern)
  const log = createLog({ name: 'tail', level: 'fatal', pretty: false })
  const broker = await connectBroker({ servers: nats, name: 'tail', log, connectTimeoutMs: 3_000 })
  let left = count
  const print = (subject: string, data: Uint8Array): void => {
    if (left <= 0) return
    const line = messageToJson(subject, data)
    const text = pretty === true ? JSON.stringify(JSON.parse(line), null, 2) : line
    const isLastOne = --left === 0
    process.stdout.write(`${text}\n`, () => {
      if (isLastOne) process.exit(0)
    })
  }
  const streams = last === true ? [...new Set(patterns.flatMap(streamsOf))] : []
  for (const stream of streams) await followStream(broker, stream, patterns, print)
  if (streams.length > 0) return
  for (const filter of new Set(patterns.flatMap(filtersOf)))
    broker.subscribe(filter, m => print(m.subject, m.data))
}

function streamsOf(pattern: Pattern): readonly string[] {
  const streams = streamsUnder(pattern).filter(name => traitsOf(name).kind !== 'queue')
  return streams.length > 0
    ? streams
    : program.error(`--last: no stream holds last values of ${pattern.text}`)
}

async function followStream(
  broker: Broker,
  stream: string,
  patterns: readonly Pattern[],
  print: (subject: string, data: Uint8Array) => void
): Promise<void> {
  const follower = createFollower(broker, {
    name: `tail_${process.pid}`,
    stream,
    start: { kind: 'last-per-subject' },
    onMessage: ({ subject, data }) => {
      if (patterns.some(pattern => matches(pattern, subject))) print(subject, data)
    },
    onReset: reason => process.stderr.write(`${stream}: ${reason}\n`),
    log: createLog({ name: 'tail', level: 'fatal', pretty: false })
  })
  await follower.start()
}
