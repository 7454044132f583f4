import { join } from 'node:path'
import { CALLBACK_PATH } from '@meridian/auth/oidc'
import type { Site } from '@meridian/catalogue'
import type { ProcessKind } from '@meridian/subjects'
import { root } from '../root.ts'
import type { LocalKafka } from './kafka.ts'
import { caFileOf, frontFilesOf, seedFileOf } from './key-files.ts'
import type { StartOptions } from './options.ts'
import { freePort } from './ports.ts'
import type { ProcessSpec } from './supervisor.ts'

/** What one process is, before it has a port. */
interface Role {
  readonly name: string
  /** The folder of `services/` whose bundle it runs. */
  readonly service: ProcessKind
  readonly stopStage: number
  readonly env: Readonly<Record<string, string>>
}

/** What processes connect to. */
interface Brokers {
  readonly natsUrl: string
  /** Folder of the keys by which the broker knows them, where it does. */
  readonly keys?: string | undefined
  /** Where components speak SAL on it. */
  readonly kafka?: LocalKafka | undefined
}

/** Every process of the system behind the front, in the order of starting, each with a free port. */
export async function planOf(
  site: Site,
  options: StartOptions,
  { natsUrl, keys, kafka }: Brokers
): Promise<readonly ProcessSpec[]> {
  const { gateways, host, nats, role: openRole } = options
  const roles = [
    ...producers(site, kafka !== undefined),
    ...several('commander', 2),
    single('simulator'),
    {
      ...single('api'),
      env: { CONSOLE_DIR: join(root, 'services/console/dist'), ...(options.oidc && redirectOf(options)) }
    },
    ...several('gateway', gateways)
  ]
  const common = {
    SITE: site.name,
    SITE_FILE: site.file ?? '',
    NATS_URL: natsUrl,
    HOSTS: host.join(),
    OPEN_ROLE: openRole,
    AUTH_MODE: modeOf(options),
    TRUSTED_PROXIES: 'loopback',
    ...(kafka !== undefined && salEnvOf(kafka))
  }
  return Promise.all(roles.map(role => specOf(role, { ...common, ...keysEnvOf(role, nats, keys) })))
}

/** The settings of all that speak SAL on Kafka; each reads its own. */
const salEnvOf = ({ broker, registry }: LocalKafka): Role['env'] => ({
  ...{ SOURCE: 'sal-kafka', SINK: 'sal-kafka', TRANSPORT: 'sal-kafka' },
  ...{ LSST_TOPIC_SUBNAME: 'sal', LSST_KAFKA_BROKER_ADDR: broker, LSST_SCHEMA_REGISTRY_URL: registry },
  // What stands in our own environment is for a Kafka of the caller's own.
  ...{ LSST_KAFKA_SECURITY_USERNAME: '', LSST_KAFKA_SECURITY_PASSWORD: '', LSST_KAFKA_SECURITY_PROTOCOL: '' },
  ...{ LSST_SCHEMA_REGISTRY_USERNAME: '', LSST_SCHEMA_REGISTRY_PASSWORD: '', LSST_KAFKA_CA_FILE: '' }
})

const modeOf = ({ users, oidc }: StartOptions): string => {
  if (oidc) return 'oidc'
  return users ? 'local' : 'open'
}

/** Where the provider sends people back to: as the environment says, else the one address as it is printed. */
export const redirectOf = ({ secure, port }: StartOptions): { readonly OIDC_REDIRECT_URL: string } => ({
  OIDC_REDIRECT_URL:
    process.env['OIDC_REDIRECT_URL'] || `${secure ? 'https' : 'http'}://127.0.0.1:${port}${CALLBACK_PATH}`
})

/** The files of a process's key and CA. What stands in our own environment is for a broker of the caller's own. */
function keysEnvOf({ service }: Role, nats: string | undefined, keys: string | undefined): Role['env'] {
  if (keys !== undefined) return { NATS_NKEY_FILE: seedFileOf(keys, service), NATS_CA_FILE: caFileOf(keys) }
  return nats === undefined ? { NATS_NKEY_FILE: '', NATS_CA_FILE: '' } : {}
}

/**
 * A producer for each instance that the site says is worth one, and one for all the rest; where components are on Kafka
 * another one for devices that speak on `raw.`.
 */
function producers({ ownProducer, instances }: Site, areOnKafka: boolean): Role[] {
  const own = ownProducer.map(
    instance => [instance.replace(/:0$/, '').replace(':', '-').toLowerCase(), { PRODUCE: instance }] as const
  )
  const rest = ['rest', { PRODUCE: 'rest', EXCEPT: ownProducer.join(',') }] as const
  const listed = [...instances.map(({ csc, index }) => `${csc}:${index}`), 'Script:*'].join(',')
  const devices = ['devices', { PRODUCE: 'rest', EXCEPT: listed, SOURCE: 'nats-raw' }] as const
  return [...own, rest, ...(areOnKafka ? [devices] : [])].map(([name, env], at) => ({
    name: `producer-${name}`,
    service: 'producer',
    stopStage: 2,
    env: { ...env, ...numbered(at) }
  }))
}

/** The index under which a process beats, from 1. */
const numbered = (at: number): Role['env'] => ({ PROCESS_INDEX: String(at + 1) })

const single = (service: ProcessKind): Role => ({ name: service, service, stopStage: 1, env: {} })

function several(service: ProcessKind, count: number): Role[] {
  return Array.from({ length: count }, (_, at) => ({
    name: `${service}-${at + 1}`,
    service,
    stopStage: 1,
    env: numbered(at)
  }))
}

/**
 * Most processes end as fast as Ctrl-C should. A gateway has the time of its default, or of our environment: one that
 * is ended alone asks its clients to move, as it does elsewhere.
 */
const drainOf = (service: ProcessKind): Role['env'] => (service === 'gateway' ? {} : { DRAIN_MS: '1500' })

async function specOf({ name, service, stopStage, env }: Role, common: Role['env']): Promise<ProcessSpec> {
  const port = await freePort()
  return {
    name,
    command: process.execPath,
    args: [join(root, 'services', service, 'dist/main.js')],
    env: {
      ...common,
      NAME: name,
      HOST: '127.0.0.1',
      PORT: String(port),
      ...drainOf(service),
      ...env
    },
    readyUrl: `http://127.0.0.1:${port}/readyz`,
    stopStage,
    ipc: true
  }
}

/** The one-origin proxy in front of the processes of a plan; with keys it serves HTTPS. */
export function frontOf(
  plan: readonly ProcessSpec[],
  { port, host }: StartOptions,
  keys?: string
): ProcessSpec {
  const addresses = (service: string): string =>
    plan
      .filter(({ name }) => name.startsWith(service))
      .map(({ readyUrl }) => new URL(readyUrl).origin)
      .join(',')
  return {
    name: 'front',
    command: process.execPath,
    args: [join(root, 'scripts/dist/front.js')],
    env: {
      PORT: String(port),
      HOST: '127.0.0.1',
      HOSTS: host.join(),
      FRONT_CERT_FILE: keys === undefined ? '' : frontFilesOf(keys).certFile,
      FRONT_KEY_FILE: keys === undefined ? '' : frontFilesOf(keys).keyFile,
      FRONT_ROUTES: `/live=${addresses('gateway')} /=${addresses('api')}`
    },
    readyUrl: `http://127.0.0.1:${port}/front/livez`,
    stopStage: 0,
    ipc: true
  }
}
