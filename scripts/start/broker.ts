import {
  existsSync,
  readdirSync,
  readFileSync,
  renameSync,
  statfsSync,
  statSync,
  writeFileSync
} from 'node:fs'
import { join } from 'node:path'
import { AppError } from '@meridian/errors'
import { obtainNatsServer } from '../nats-server/obtain.ts'
import { firstFree, freePort } from './ports.ts'
import { writePrivateFile } from './private-files.ts'
import { NATS_PORT, say } from './say.ts'
import type { ProcessSpec } from './supervisor.ts'

/** Free disk beyond the room of the streams: with less the broker would stop in the night. */
const SPARE_BYTES = 2 ** 30

/** Where a broker of our own keeps what, and how much. */
export interface LocalBrokerOptions {
  readonly data: string
  readonly site: string
  /** Room that its streams may take. */
  readonly diskBytes: number
  /** Who may do what, and TLS, as nats.conf has it; default: everybody may do everything, without TLS. */
  readonly conf?: string
  /** Port of its MQTT listener; default: it has none. */
  readonly mqttPort?: number
}

/** A broker to be started, and its address. */
export interface LocalBroker {
  readonly url: string
  readonly spec: ProcessSpec
}

/**
 * Writes the broker's configuration into the data folder and says how to run it. Throws RUN_NO_ROOM and
 * RUN_NO_BROKER.
 */
export async function localBroker(options: LocalBrokerOptions): Promise<LocalBroker> {
  const { data, site, diskBytes, conf, mqttPort } = options
  const store = conf === undefined ? storeOf(data, site) : `${storeOf(data, site)}-secure`
  assertRoom(data, diskBytes - storedBytes(store))
  const binary = await obtainNatsServer(say.step).catch((error: Error) => {
    throw new AppError('RUN_NO_BROKER', { detail: error.message })
  })
  say.done(
    `nats-server ${binary.version} from ${binary.source}${binary.skipped.length === 0 ? '' : ` (${binary.skipped.join('; ')})`}`
  )
  const file = join(data, 'nats.conf')
  const port = await portOf(file, conf !== undefined)
  // With keys there is none: it shows to everybody on the machine what nats.conf shows to its owner.
  const monitor = conf === undefined ? await freePort() : undefined
  const text = configOf({ port, monitor, store, diskBytes, mqttPort })
  if (conf === undefined) writeFileSync(file, text)
  else writePrivateFile(file, text + conf)
  const spec = {
    name: 'nats-server',
    command: binary.path,
    args: ['-c', file],
    // It listens once its streams are recovered.
    readyUrl: monitor === undefined ? `tcp://127.0.0.1:${port}` : `http://127.0.0.1:${monitor}/healthz`,
    stopStage: 3,
    ipc: false,
    isVital: true
  }
  return { url: `${conf === undefined ? 'nats' : 'tls'}://127.0.0.1:${port}`, spec }
}

interface BrokerConfig {
  readonly port: number
  readonly monitor: number | undefined
  readonly store: string
  readonly diskBytes: number
  readonly mqttPort: number | undefined
}

function configOf({ port, monitor, store, diskBytes, mqttPort }: BrokerConfig): string {
  return `# Written by npm start; changes are lost.
server_name: meridian
host: 127.0.0.1
port: ${port}
${monitor === undefined ? '' : `http: "127.0.0.1:${monitor}"\n`}max_payload: 1MB
write_deadline: "10s"
ping_interval: "20s"
jetstream {
  store_dir: ${JSON.stringify(store)}
  max_memory_store: 268435456
  max_file_store: ${diskBytes}
  sync_interval: "10s"
}
${
  mqttPort === undefined
    ? ''
    : `mqtt { host: 127.0.0.1, port: ${mqttPort} }
`
}`
}

/**
 * A store per site, because streams are bound to the subjects of one: with another site's messages in them,
 * pages would show both. A store without a site in its name is from a version that knew `summit` only.
 */
function storeOf(data: string, site: string): string {
  const earlier = join(data, 'jetstream')
  if (existsSync(earlier) && !existsSync(join(data, 'jetstream-summit')))
    renameSync(earlier, join(data, 'jetstream-summit'))
  return join(data, `jetstream-${site}`)
}

/**
 * A free port: with keys that of the start before, which contexts of the nats tool name; without them NATS's usual one, so that
 * the tool needs no address; then the other of both; then any.
 */
async function portOf(confFile: string, hasKeys: boolean): Promise<number> {
  const before = portIn(confFile)
  const port = await firstFree(hasKeys ? [before, NATS_PORT] : [NATS_PORT, before])
  if (hasKeys && before !== undefined && before !== port)
    say.warn(
      `port ${before}, where the broker was before, is taken, and it is on ${port} now: write contexts of the nats tool anew (pnpm nats-context)`
    )
  return port
}

/** The port of a broker's configuration that was written here; undefined where there is none. */
function portIn(confFile: string): number | undefined {
  if (!existsSync(confFile)) return undefined
  const [, port] = /^port: (\d+)$/m.exec(readFileSync(confFile, 'utf8')) ?? []
  return port === undefined ? undefined : Number(port)
}

/** What a store takes on disk now. */
function storedBytes(store: string): number {
  if (statSync(store, { throwIfNoEntry: false })?.isDirectory() !== true) return 0
  return readdirSync(store, { recursive: true, encoding: 'utf8' })
    .map(name => statSync(join(store, name), { throwIfNoEntry: false })?.size ?? 0)
    .reduce((sum, size) => sum + size, 0)
}

/** Throws RUN_NO_ROOM where the disk could not take so much more, and some to spare. */
function assertRoom(data: string, moreBytes: number): void {
  const { bavail, bsize } = statfsSync(data)
  const free = bavail * bsize
  const wanted = Math.max(moreBytes, 0) + SPARE_BYTES
  if (free < wanted)
    throw new AppError('RUN_NO_ROOM', {
      detail: `${data} has ${gib(free)} GiB left and the broker wants ${gib(wanted)}; free some, choose another folder with --data, or less room with --disk`
    })
}

const gib = (bytes: number): string => (bytes / 2 ** 30).toFixed(1)
