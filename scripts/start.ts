/**
 * `npm start` after installation and build: broker, streams, processes, front; then the address. Everything
 * ends with Ctrl-C. Progress is told line by line, each process logs into the data folder.
 */
import { join, resolve } from 'node:path'
import { bucketTable, connectBroker, ensureBuckets, ensureStreams, type StreamSpec } from '@meridian/broker'
import { readSite, type Site } from '@meridian/catalogue'
import { AppError } from '@meridian/errors'
import { createLog } from '@meridian/service'
import { exitCodeOf, reasonOf } from './command-line.ts'
import { type LocalBrokerOptions, localBroker } from './start/broker.ts'
import { ensureBrokerKeys, writeNatsContext } from './start/broker-keys.ts'
import { claimFolder } from './start/claim.ts'
import { openDataFolder } from './start/data-folder.ts'
import { diskOf, streamsOn } from './start/disk.ts'
import { firstTokenIn } from './start/first-token.ts'
import { type LocalKafka, localKafka } from './start/kafka.ts'
import { readOptions, type StartOptions } from './start/options.ts'
import { frontOf, planOf, redirectOf } from './start/plan.ts'
import { assertFree, firstFree } from './start/ports.ts'
import { createRunFile, type RunFileOwner } from './start/run-file.ts'
import { type Addresses, MQTT_PORT, say } from './start/say.ts'
import { createSupervisor, type ProcessSpec, type Supervisor } from './start/supervisor.ts'
import { type BrokerPlace, connectionOf } from './tail/broker-of.ts'

const READY_MS = 60_000
/** Kafka makes a topic for each of the components', 3,300 at the summit. */
const ON_KAFKA_MS = 300_000
const STOP_MS = 4500

/** The data folder of a start, its owner's file, and what runs its processes. */
interface Ground {
  readonly site: Site
  readonly data: string
  readonly supervisor: Supervisor
  readonly runFile: RunFileOwner
}

/**
 * Starts broker, streams and all processes; resolves with what to print once each is ready or was given up.
 */
async function up(options: StartOptions, { site, data, supervisor, runFile }: Ground): Promise<Addresses> {
  await assertFree(options.port)
  const diskBytes = diskOf(data, options.disk)
  const keys = options.secure ? ensureBrokerKeys(data, site.name, options.host) : undefined
  const mqttPort = options.mqtt ? await firstFree([MQTT_PORT]) : undefined
  const local = {
    ...{ data, site: site.name, diskBytes },
    ...(keys !== undefined && { conf: keys.conf }),
    ...(mqttPort !== undefined && { mqttPort })
  }
  const kafkaStart = options.salKafka ? startKafka(supervisor, data) : undefined
  // It may fail before it is awaited below, which tells of it.
  kafkaStart?.catch(() => undefined)
  const natsUrl = options.nats ?? (await startBroker(supervisor, local))
  if (keys !== undefined) writeNatsContext(keys.folder, natsUrl)
  await createStreams({
    url: natsUrl,
    keys: keys?.folder,
    // What stands in our environment is for a broker of the caller's own.
    env: options.nats === undefined ? {} : process.env,
    specs: streamsOn(diskBytes, site.name),
    // Less room was asked for in so many words.
    mayShrink: options.nats === undefined && options.disk !== undefined
  })
  const kafka = await kafkaStart
  const plan = await planOf(site, options, { natsUrl, keys: keys?.folder, kafka })
  await launchAll(supervisor, [...plan, frontOf(plan, options, keys?.folder)], kafka)
  const url = `${options.secure ? 'https' : 'http'}://127.0.0.1:${options.port}/`
  const ready = Object.fromEntries(plan.map(({ name, readyUrl }) => [name, readyUrl]))
  const addresses = {
    ...{ url, nats: natsUrl, keys: keys?.folder, site: site.name },
    ...{ kafka: kafka?.broker, registry: kafka?.registry }
  }
  const write = (): void => runFile.write({ ...addresses, pids: supervisor.pids(), ready })
  write()
  supervisor.onRestart(write)
  return { ...addresses, mqttPort }
}

async function startKafka(supervisor: Supervisor, data: string): Promise<LocalKafka> {
  const kafka = await localKafka(data)
  await supervisor.launch(kafka.spec, READY_MS)
  return kafka
}

/** Where components speak on Kafka they begin before the others: producers find at once what there is to read. */
async function launchAll(
  supervisor: Supervisor,
  specs: readonly ProcessSpec[],
  kafka: LocalKafka | undefined
): Promise<void> {
  const isFirst = ({ name }: ProcessSpec): boolean => kafka !== undefined && name === 'simulator'
  for (const spec of specs.filter(isFirst)) await supervisor.launch(spec, ON_KAFKA_MS)
  const others = specs.filter(spec => !isFirst(spec))
  await Promise.all(others.map(spec => supervisor.launch(spec, READY_MS)))
}

async function startBroker(supervisor: Supervisor, options: LocalBrokerOptions): Promise<string> {
  const broker = await localBroker(options)
  await supervisor.launch(broker.spec, READY_MS)
  return broker.url
}

interface WantedStreams extends BrokerPlace {
  readonly env: NodeJS.ProcessEnv
  readonly specs: readonly StreamSpec[]
  readonly mayShrink: boolean
}

async function createStreams({ specs, mayShrink, env, ...place }: WantedStreams): Promise<void> {
  const log = createLog({ name: 'streams', level: 'warn', pretty: true })
  const broker = await connectBroker({ ...connectionOf(place, 'admin', env), name: 'streams', log })
  const outcomes = await ensureStreams(broker, specs, log, {
    mayShrink,
    onProgress: ({ from, to, moved }) =>
      say.step(`${moved} subjects of an earlier version moved from ${from} to ${to}`)
  })
  await ensureBuckets(broker, bucketTable('laptop'))
  await broker.drain()
  say.done(`streams ${outcomes.map(({ name, outcome }) => `${name} ${outcome}`).join(', ')}`)
}

function assertRole(role: string, { name, roles }: Site): void {
  if (roles.has(role)) return
  const detail = `--role ${role}: one of ${[...roles.keys()].join(', ')} is expected, the roles of ${name}.`
  throw new AppError('RUN_BAD_OPTION', { detail })
}

async function sayFirstToken(logs: string): Promise<void> {
  const token = await firstTokenIn(logs)
  if (token !== undefined) say.firstToken(token)
}

async function main(): Promise<void> {
  const options = readOptions(process.argv.slice(2))
  const site = readSite(options.site)
  assertRole(options.role, site)
  const data = resolve(options.data)
  openDataFolder(data)
  const claim = await claimFolder(data)
  const runFile = createRunFile(data)
  const supervisor = createSupervisor(join(data, 'log'), claim.record)
  const end = async (code: number): Promise<void> => {
    await supervisor.stop(STOP_MS)
    runFile.remove()
    claim.release()
    say.done(`everything has ended; what was stored stays in ${data}`)
    process.exit(code)
  }
  let ending = false
  const onSignal = (): void => {
    if (ending) return
    ending = true
    say.step('ending everything')
    void end(0)
  }
  process.on('SIGINT', onSignal)
  process.on('SIGTERM', onSignal)
  try {
    say.addresses(await up(options, { site, data, supervisor, runFile }))
    if (options.oidc) say.step(`the provider sends people back to ${redirectOf(options).OIDC_REDIRECT_URL}`)
    if (options.users) await sayFirstToken(join(data, 'log'))
    say.step(`logs in ${join(data, 'log')}; Ctrl-C ends everything`)
  } catch (error) {
    if (ending) return
    say.fail(reasonOf(error))
    await end(exitCodeOf(error))
  }
}

await main().catch((error: unknown) => {
  say.fail(reasonOf(error))
  process.exit(exitCodeOf(error))
})
