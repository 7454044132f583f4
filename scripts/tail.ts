/**
 * `pnpm tail 'tel.summit.>'`: prints messages as JSON lines until Ctrl-C, a count, or a reader that has seen
 * enough.
 */
import { type Broker, connectBroker, createFollower, lastValues, listStreams } from '@meridian/broker'
import { loadCatalogue } from '@meridian/catalogue'
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
import { InvalidArgumentError } from 'commander'
import { createCommand, exitCodeOf, refuse } from './command-line.ts'
import { type BrokerChoice, brokerOf, connectionOf } from './tail/broker-of.ts'
import { describeSites, describeStreams, sitesOf } from './tail/what-is-there.ts'
import { describeReadable } from './tail/what-may-be-read.ts'
import { withNames } from './tail/with-names.ts'

const EVERYTHING = everythingBelow('tel', {})
/** Silence after which it says what is there instead. */
const SILENCE_MS = 5_000

interface Options extends BrokerChoice {
  readonly count: number
  readonly last?: true
  readonly once?: true
  readonly names?: true
  readonly pretty?: true
}

const program = createCommand('pnpm tail')
  .description(
    'Prints what is published on NATS subjects as JSON lines: samples decoded, records as they are.'
  )
  .argument('[patterns...]', "NATS patterns, such as 'tel.summit.>' or evt.summit.Watcher.0.alarm", [
    EVERYTHING
  ])
  .option(
    '--nats <url>',
    "broker; default: --data's, else NATS_URL, else the system that runs in .meridian, else port 4222"
  )
  .option('--data <dir>', 'the broker of the system that runs in this data folder')
  .option('--count <n>', 'ends after so many messages', countOf, Number.POSITIVE_INFINITY)
  .option('--last', 'begins with the last value of each subject that a stream holds')
  .option('--once', 'prints these last values and ends')
  .option('--names', 'writes EnabledState for 2, where the catalogue knows what a value means')
  .option('--pretty', 'prints each message over several lines')
  .parse()

const options = program.opts<Options>()
// A reader such as `head` closes the pipe when it has enough.
process.stdout.on('error', () => process.exit(0))
process.on('SIGINT', () => process.exit(0))
try {
  await tail(program.args.length === 0 ? [EVERYTHING] : program.args, options)
} catch (caught) {
  refuse(caught)
}

/** Beside the messages, which go to standard output alone. */
function note(text: string): void {
  process.stderr.write(`tail: ${text}\n`)
}

/** A pattern of another site, or another system's broker, must not look like a quiet night. */
async function explainSilence(broker: Broker, texts: readonly string[]): Promise<void> {
  const streams = await listStreams(broker)
  note(
    `nothing on ${texts.join(' ')} for ${SILENCE_MS / 1000} s; here: ${describeSites(streams)}${streams.length === 0 ? '' : `; ${describeStreams(streams)}`}`
  )
}

/** What the broker refuses is no quiet night either: says what it was, and what may be read. */
function explainRefusal(error: AppError, sites: readonly string[]): void {
  note([error.message, ...sites.map(describeReadable)].join('; '))
}

function countOf(text: string): number {
  const count = Number(text)
  if (!Number.isInteger(count) || count < 1)
    throw new InvalidArgumentError('expected: a whole number of 1 or more')
  return count
}

async function tail(texts: readonly string[], options: Options): Promise<void> {
  const { count, last, once, names, pretty, ...choice } = options
  const catalogue = names === true ? loadCatalogue() : undefined
  const patterns = texts.map(parsePattern)
  const { saidBy, ...place } = brokerOf(choice)
  const log = createLog({ name: 'tail', level: 'fatal', pretty: false })
  const broker = await connectBroker({
    ...connectionOf(place, 'observer'),
    name: 'tail',
    log,
    connectTimeoutMs: 3_000
  })
  const there = await listStreams(broker)
  note(`connected to ${place.url} (${saidBy}): ${describeSites(there)}`)
  const silence = setTimeout(() => void explainSilence(broker, texts).catch(() => {}), SILENCE_MS)
  let left = count
  const print: Print = (subject, data) => {
    if (left <= 0) return
    clearTimeout(silence)
    const plain = messageToJson(subject, data)
    const line = catalogue === undefined ? plain : withNames(catalogue, plain)
    const text = pretty === true ? JSON.stringify(JSON.parse(line), null, 2) : line
    const isLastOne = --left === 0
    process.stdout.write(`${text}\n`, () => {
      if (isLastOne) process.exit(0)
    })
  }
  const onRefused = (error: AppError): void => explainRefusal(error, sitesOf(there))
  if (last === true || once === true) {
    const streams = [...new Set(patterns.flatMap(streamsOf))]
    const read = once === true ? printLastValues : followStream
    try {
      for (const stream of streams) await read(broker, stream, patterns, print)
    } catch (caught) {
      endRefused(AppError.from(caught), onRefused)
    }
    if (once !== true) return
    clearTimeout(silence)
    await broker.drain()
  } else listen(broker, new Set(patterns.flatMap(filtersOf)), { print, onRefused })
}

type Print = (subject: string, data: Uint8Array) => void

/** Ends as any tool does, and says more of what the broker does not permit. */
function endRefused(error: AppError, onRefused: (error: AppError) => void): never {
  if (error.code !== 'BRK_NOT_PERMITTED') throw error
  onRefused(error)
  process.exit(exitCodeOf(error))
}

/** Prints what comes; ends where the broker refuses the last of the filters. */
function listen(
  broker: Broker,
  filters: Set<string>,
  { print, onRefused }: { readonly print: Print; readonly onRefused: (error: AppError) => void }
): void {
  for (const filter of filters)
    broker.subscribe(filter, message => print(message.subject, message.data), {
      onRefused(error) {
        filters.delete(filter)
        if (filters.size === 0) endRefused(error, onRefused)
        onRefused(error)
      }
    })
}

async function printLastValues(
  broker: Broker,
  stream: string,
  patterns: readonly Pattern[],
  print: Print
): Promise<void> {
  const subjects = patterns.filter(pattern => streamsOf(pattern).includes(stream)).flatMap(filtersOf)
  for await (const { subject, data } of lastValues(broker, { stream, subjects })) print(subject, data)
}

function streamsOf(pattern: Pattern): readonly string[] {
  const streams = streamsUnder(pattern).filter(name => traitsOf(name).kind !== 'queue')
  if (streams.length > 0) return streams
  throw new AppError('RUN_BAD_OPTION', { detail: `--last: no stream holds last values of ${pattern.text}` })
}

async function followStream(
  broker: Broker,
  stream: string,
  patterns: readonly Pattern[],
  print: Print
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
