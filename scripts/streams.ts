/** `pnpm streams --site summit`: creates and updates the streams of a site, for services that run without `npm start`. */
import {
  bucketTable,
  connectBroker,
  ensureBuckets,
  ensureStreams,
  mirrorTable,
  type StreamProfile,
  type StreamSpec,
  streamTable
} from '@meridian/broker'
import { createLog } from '@meridian/service'
import { InvalidArgumentError, Option } from 'commander'
import { createCommand, refuse } from './command-line.ts'
import { type BrokerChoice, brokerOf, connectionOf, siteOf } from './tail/broker-of.ts'

interface Options extends BrokerChoice {
  readonly site?: string
  readonly profile: StreamProfile
  readonly mirror?: true
  readonly domain?: string
  readonly replicas?: '1' | '3'
  readonly auditMib?: number
}

const MIB = 1024 * 1024

function parseMib(text: string): number {
  if (!/^[1-9]\d{0,6}$/.test(text)) throw new InvalidArgumentError('expected: a whole number of 1 or more')
  return Number(text)
}

const program = createCommand('pnpm streams')
  .description(
    "Creates a site's streams, or updates their limits. Loses nothing that is stored; may be run again."
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
  .addOption(
    new Option(
      '--replicas <n>',
      'servers that keep each message; default: 3 with profile site, 1 with laptop'
    ).choices(['1', '3'])
  )
  .addOption(
    new Option(
      '--audit-mib <n>',
      'room for the stream AUDIT, which refuses when it is full; default: 512 with profile site, 32 with laptop'
    )
      .argParser(parseMib)
      .conflicts('mirror')
  )
  .option(
    '--nats <url>',
    "broker; default: --data's, else NATS_URL, else the system that runs in .meridian, else port 4222"
  )
  .option('--data <dir>', 'the broker of the system that runs in this data folder')
  .parse()

const { site: named, profile, mirror, domain, replicas, auditMib, ...choice } = program.opts<Options>()
try {
  const place = brokerOf(choice)
  const site = siteOf(named, place)
  const log = createLog({ name: 'streams', level: 'warn', pretty: true })
  const broker = await connectBroker({
    ...connectionOf(place, 'admin'),
    name: 'streams',
    log,
    connectTimeoutMs: 3_000
  })
  process.stderr.write(`streams: connected to ${place.url} (${place.saidBy}), site ${site}\n`)
  const rows = mirror
    ? mirrorTable({ origin: site, profile, ...(domain === undefined ? {} : { domain }) })
    : streamTable(site, profile)
  const withReplicas = <T extends { readonly replicas: 1 | 3 }>(spec: T): T =>
    replicas === undefined ? spec : { ...spec, replicas: replicas === '3' ? 3 : 1 }
  const withAudit = (spec: StreamSpec): StreamSpec =>
    spec.stream === 'AUDIT' && auditMib !== undefined ? { ...spec, maxBytes: auditMib * MIB } : spec
  const specs = rows.map(withReplicas).map(withAudit)
  const ensured = await ensureStreams(broker, specs, log, {
    onProgress: ({ from, to, moved }) =>
      process.stderr.write(`${moved} subjects moved from ${from} to ${to}\n`)
  })
  if (!mirror) await ensureBuckets(broker, bucketTable(profile).map(withReplicas))
  for (const { name, outcome } of ensured) process.stdout.write(`${name}: ${outcome}\n`)
  await broker.drain()
} catch (caught) {
  refuse(caught)
}
