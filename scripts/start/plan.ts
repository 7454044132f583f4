import { join } from 'node:path'
import { root } from '../root.ts'
import type { StartOptions } from './options.ts'
import { freePort } from './ports.ts'
import type { ProcessSpec } from './supervisor.ts'

/** The site that `npm start` simulates. */
export const SITE = 'summit'

/** What one process is, before it has a port. */
interface Role {
  readonly name: string
  readonly service: 'simulator' | 'producer' | 'gateway' | 'commander' | 'api'
  readonly stopStage: number
  readonly env: Readonly<Record<string, string>>
}

/** Instances whose telemetry deserves a producer of its own, as at the summit. */
const HOT = ['MTM1M3:0']

/** Every process of the system behind the front, in the order of starting, each with a free port. */
export async function planOf(options: StartOptions, natsUrl: string): Promise<readonly ProcessSpec[]> {
  const roles = [
    ...producers(),
    ...several('commander', 2, { SITE_LIST: options.profile }),
    simulator(options),
    api(options),
    ...several('gateway', options.gateways, {})
  ]
  return Promise.all(roles.map(role => specOf(role, natsUrl)))
}

function producers(): Role[] {
  const hot = HOT.map(
    (instance): Role => ({
      name: `producer-${instance.split(':')[0]?.toLowerCase()}`,
      service: 'producer',
      stopStage: 2,
      env: { PRODUCE: instance }
    })
  )
  return [
    ...hot,
    {
      name: 'producer-rest',
      service: 'producer',
      stopStage: 2,
      env: { PRODUCE: 'rest', EXCEPT: HOT.join(',') }
    }
  ]
}

const simulator = ({ profile }: StartOptions): Role => ({
  name: 'simulator',
  service: 'simulator',
  stopStage: 1,
  env: { PROFILE: profile }
})

const api = ({ profile }: StartOptions): Role => ({
  name: 'api',
  service: 'api',
  stopStage: 1,
  env: { SITE_LIST: profile, CONSOLE_DIR: join(root, 'services/console/dist') }
})

function several(service: 'gateway' | 'commander', count: number, env: Role['env']): Role[] {
  return Array.from({ length: count }, (_, at) => ({
    name: `${service}-${at + 1}`,
    service,
    stopStage: 1,
    env
  }))
}

async function specOf({ name, service, stopStage, env }: Role, natsUrl: string): Promise<ProcessSpec> {
  const port = await freePort()
  return {
    name,
    command: process.execPath,
    args: ['--enable-source-maps', join(root, 'services', service, 'dist/main.js')],
    env: {
      SITE,
      NATS_URL: natsUrl,
      NAME: name,
      HOST: '127.0.0.1',
      PORT: String(port),
      DRAIN_MS: '1500',
      ...env
    },
    readyUrl: `http://127.0.0.1:${port}/readyz`,
    stopStage,
    ipc: true
  }
}

/** The one-origin proxy in front of the processes of a plan. */
export function frontOf(plan: readonly ProcessSpec[], port: number): ProcessSpec {
  const addresses = (service: string): string =>
    plan
      .filter(({ name }) => name.startsWith(service))
      .map(({ readyUrl }) => new URL(readyUrl).origin)
      .join(',')
  return {
    name: 'front',
    command: process.execPath,
    args: ['--enable-source-maps', join(root, 'scripts/dist/front.js')],
    env: {
      PORT: String(port),
      HOST: '127.0.0.1',
      FRONT_ROUTES: `/live=${addresses('gateway')} /=${addresses('api')}`
    },
    readyUrl: `http://127.0.0.1:${port}/front/livez`,
    stopStage: 0,
    ipc: true
  }
}
