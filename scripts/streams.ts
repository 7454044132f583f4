/**
 * `pnpm streams …`: creates and updates the streams of a site, for services that run without `npm start`; backs them
 * up and restores them.
 */
import { existsSync } from 'node:fs'
import { type Broker, bucketStream, bucketTable, connectBroker } from '@meridian/broker'
import { AppError } from '@meridian/errors'
import { createLog } from '@meridian/service'
import { streamNames } from '@meridian/subjects'
import { type Command, InvalidArgumentError, Option } from 'commander'
import { createCommand, refuse } from './command-line.ts'
import { makeStreams, replicasOf, type StreamsChoice } from './streams/make-streams.ts'
import { createProgress } from './streams/progress.ts'
import { restoreBackup } from './streams/restore-backup.ts'
import { writeBackup } from './streams/write-backup.ts'
import { type BrokerChoice, brokerOf, type ChosenBroker, connectionOf, siteOf } from './tail/broker-of.ts'

interface MakeOptions extends BrokerChoice, StreamsChoice {
  readonly site?: string
}

interface BackupOptions extends BrokerChoice {
  readonly telemetry?: true
}

interface RestoreOptions extends BrokerChoice {
  readonly replicas?: '1' | '3'
  readonly replace?: true
}

/** What its hour of life leaves nothing of, by the time that a backup is needed. */
const TELEMETRY = 'TEL'
/** A person, a supervisor, a terminal that is closed. */
const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const

const log = createLog({ name: 'streams', level: 'warn', pretty: true })
const tell = (line: string): boolean => process.stderr.write(`${line}\n`)
const say = (line: string): boolean => process.stdout.write(`${line}\n`)

function parseMib(text: string): number {
  if (!/^[1-9]\d{0,6}$/.test(text)) throw new InvalidArgumentError('expected: a whole number of 1 or more')
  return Number(text)
}

/** A command that talks to a broker, with the options that say to which. */
const atBroker = (command: Command): Command =>
  command
    .option(
      '--nats <url>',
      "broker; default: --data's, else NATS_URL, else the system that runs in .meridian, else port 4222"
    )
    .option('--data <dir>', 'the broker of the system that runs in this data folder')

const replicasOption = (fallback: string): Option =>
  new Option('--replicas <n>', `servers that keep each message; default: ${fallback}`).choices(['1', '3'])

/** Connects as the admin, works, and ends; a failure ends the process with one line. */
async function withBroker(
  choice: BrokerChoice,
  work: (broker: Broker, place: ChosenBroker) => Promise<void>
): Promise<void> {
  try {
    const place = brokerOf(choice)
    const connection = { ...connectionOf(place, 'admin'), name: 'streams', log, connectTimeoutMs: 3_000 }
    const broker = await connectBroker(connection)
    await work(broker, place)
    await broker.drain()
  } catch (caught) {
    refuse(caught)
  }
}

/** Calls `onSignal` at the first of each signal that comes while `work` runs; a second one ends the process. */
async function withSignals<T>(onSignal: () => void, work: () => Promise<T>): Promise<T> {
  for (const signal of SIGNALS) process.once(signal, onSignal)
  try {
    return await work()
  } finally {
    for (const signal of SIGNALS) process.off(signal, onSignal)
  }
}

/** Ends the process, and with it what there is of the backup; one that has its name is whole, and says so itself. */
function endUnlessWhole(folder: string): void {
  if (!existsSync(folder)) refuse(new AppError('RUN_ENDED', { detail: 'nothing of the backup stays' }))
}

const connectedTo = ({ url, saidBy }: ChosenBroker): string => `streams: connected to ${url} (${saidBy})`

const program = createCommand('pnpm streams').description(
  "A site's streams: made and updated (without a command), backed up, restored. `pnpm streams make --help` tells the options of the first."
)

atBroker(program.command('make', { isDefault: true }))
  .description(
    "create a site's streams, or update their limits; loses nothing that is stored, and may be run again"
  )
  .option(
    '--site <name>',
    'site whose subjects the streams keep; default: that of the system that runs there, else summit'
  )
  .addOption(
    new Option('--profile <name>', 'site: three servers, 33 GiB; laptop: one server, 2 GiB')
      .choices(['site', 'laptop'])
      .default('site')
  )
  .option('--mirror', "mirrors of the site's streams, for a site that only reads it")
  .option('--domain <name>', 'with --mirror: JetStream domain of the site; default: the same')
  .addOption(replicasOption('3 with profile site, 1 with laptop'))
  .addOption(
    new Option(
      '--audit-mib <n>',
      'room for the stream AUDIT, which refuses when it is full; default: 512 with profile site, 32 with laptop'
    )
      .argParser(parseMib)
      .conflicts('mirror')
  )
  .option('--devices', 'limits for what the broker stores for devices that speak MQTT, too')
  .action(({ site: named, ...choice }: MakeOptions) =>
    withBroker(choice, async (broker, place) => {
      const site = siteOf(named, place)
      tell(`${connectedTo(place)}, site ${site}`)
      await makeStreams(broker, site, choice, log)
    })
  )

atBroker(program.command('backup <dir>'))
  .description(
    'write the streams, users and personal tokens into a new folder, of which nothing stays where that fails; sessions are left out'
  )
  .option('--telemetry', 'TEL too, whose messages are dropped after an hour')
  .action((folder: string, { telemetry, ...choice }: BackupOptions) =>
    withBroker(choice, async (broker, place) => {
      tell(connectedTo(place))
      const { streams } = await withSignals(
        () => endUnlessWhole(folder),
        () =>
          writeBackup(broker, {
            folder,
            streams: streamsOfBackup(telemetry === true),
            now: () => new Date(),
            onStream: ({ name, state }) => say(`${name}: ${state.messages} messages`),
            onMissing: stream => tell(`${stream}: does not exist, left out`),
            onProgress: createProgress(tell)
          })
      )
      say(`${folder}: ${streams.length} streams, whole`)
    })
  )

atBroker(program.command('restore <dir>'))
  .description(
    'make the streams of a backup again, once all of it has proved to be undamaged; cursors of before count no more'
  )
  .addOption(replicasOption('as many as before'))
  .option(
    '--replace',
    'delete streams that exist, with all that they hold, where the broker has room for the backup'
  )
  .action((folder: string, { replicas, replace, ...choice }: RestoreOptions) =>
    withBroker(choice, async (broker, place) => {
      tell(connectedTo(place))
      const stop = new AbortController()
      await withSignals(
        () => stop.abort(),
        () =>
          restoreBackup(broker, {
            folder,
            replicas: replicas === undefined ? undefined : replicasOf(replicas),
            mayReplace: replace === true,
            signal: stop.signal,
            onWhole: ({ made, server, streams }) =>
              tell(`${folder}: of ${made}, nats-server ${server}, ${streams.length} streams, whole`),
            onStream: ({ name, messages }) => say(`${name}: ${messages} messages, a new epoch`),
            onProgress: createProgress(tell)
          })
      )
      say('restored; `pnpm streams` makes what is still missing, and gives the streams the limits of today')
    })
  )

await program.parseAsync()

function streamsOfBackup(withTelemetry: boolean): readonly string[] {
  const buckets = bucketTable('site').filter(({ isBackedUp }) => isBackedUp)
  return [
    ...buckets.map(({ name }) => bucketStream(name)),
    ...streamNames.filter(name => withTelemetry || name !== TELEMETRY)
  ]
}
