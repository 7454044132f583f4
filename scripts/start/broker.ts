import { existsSync, mkdirSync, renameSync, statfsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { obtainNatsServer } from '../nats-server/obtain.ts'
import { assertFree, freePort } from './ports.ts'
import { StartError, say } from './say.ts'
import type { ProcessSpec } from './supervisor.ts'

/** Room that the streams of a laptop may take together [docs/subjects.md#streams]. */
const STORE_BYTES = 2 * 2 ** 30
/** Less free disk than this and the broker would stop in the night. */
const LEAST_FREE_BYTES = 3 * 2 ** 30

/** A broker to be started, and its address. */
export interface LocalBroker {
  readonly url: string
  readonly spec: ProcessSpec
}

/**
 * Writes the broker's configuration into the data folder and says how to run it. Throws StartError when the
 * disk is nearly full.
 */
export async function localBroker(data: string, site: string): Promise<LocalBroker> {
  assertRoom(data)
  const binary = await obtainNatsServer(say.step).catch((error: Error) => {
    throw new StartError(error.message)
  })
  say.done(
    `nats-server ${binary.version} from ${binary.source}${binary.skipped.length === 0 ? '' : ` (${binary.skipped.join('; ')})`}`
  )
  const [port, monitor] = await Promise.all([portOf(4222), freePort()])
  const file = join(data, 'nats.conf')
  writeFileSync(file, configOf(port, monitor, storeOf(data, site)))
  const spec = {
    name: 'nats-server',
    command: binary.path,
    args: ['-c', file],
    readyUrl: `http://127.0.0.1:${monitor}/healthz`,
    stopStage: 3,
    ipc: false,
    isVital: true
  }
  return { url: `nats://127.0.0.1:${port}`, spec }
}

function configOf(port: number, monitor: number, store: string): string {
  return `# Written by npm start; changes are lost.
server_name: meridian
host: 127.0.0.1
port: ${port}
http: "127.0.0.1:${monitor}"
max_payload: 1MB
write_deadline: "10s"
ping_interval: "20s"
jetstream {
  store_dir: ${JSON.stringify(store)}
  max_memory_store: 268435456
  max_file_store: ${STORE_BYTES}
  sync_interval: "10s"
}
`
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

/** NATS's usual port where it is free, so that the nats tool needs no address; another one otherwise. */
async function portOf(usual: number): Promise<number> {
  return assertFree(usual).then(
    () => usual,
    () => freePort()
  )
}

function assertRoom(data: string): void {
  mkdirSync(data, { recursive: true })
  const { bavail, bsize } = statfsSync(data)
  const free = bavail * bsize
  if (free < LEAST_FREE_BYTES)
    throw new StartError(
      `The disk of ${data} has ${(free / 2 ** 30).toFixed(1)} GiB left and the broker wants ${LEAST_FREE_BYTES / 2 ** 30}; free some or choose another folder with --data.`
    )
}
