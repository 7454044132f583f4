import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Broker } from '@meridian/broker'
import { startTestSite } from '@meridian/broker/testing'
import { freePort, type ServiceProcess, startSiteService, waitFor } from '@meridian/testing'
import type { Test } from 'tap'

const root = fileURLToPath(new URL('../../../..', import.meta.url))
const front = join(root, 'scripts/dist/front.js')

/** Why a system with users cannot run here; false when it can. */
export const whyNoFront: string | false = !existsSync(front) && 'the scripts are not built: pnpm build'

/** Gateway, api and commander of a site where everybody logs in, behind one address. */
export interface SystemWithUsers {
  readonly url: string
  /** By which the first administrator is made. */
  readonly firstToken: string
  /** Where the users are stored. */
  readonly broker: Broker
}

/** Starts one; it ends with the test. */
export async function startWithUsers(t: Test): Promise<SystemWithUsers> {
  const { url, api, broker } = await startLoggedIn(t, {
    port: await freePort(),
    settings: { AUTH_MODE: 'local' }
  })
  const firstToken = /"token":"([\w-]+)"/.exec(api.lines.join('\n'))?.[1] ?? ''
  return { url, firstToken, broker }
}

/** In which way people log in, and the port of the one address. */
interface LoggedInOptions {
  readonly port: number
  readonly settings: Readonly<Record<string, string>>
}

/** Starts gateway, api and commander with these settings behind one address; they end with the test. */
export async function startLoggedIn(
  t: Test,
  { port, settings: more }: LoggedInOptions
): Promise<{ readonly url: string; readonly api: ServiceProcess; readonly broker: Broker }> {
  const { nats, broker, stop } = await startTestSite({ buckets: true })
  t.teardown(stop)
  const settings = {
    ...{ CONSOLE_DIR: join(root, 'services/console/dist'), TRUSTED_PROXIES: 'loopback' },
    ...more
  }
  const start = async (name: string): Promise<ServiceProcess> => {
    const service = await startSiteService(name, nats, settings)
    t.teardown(() => service.stop())
    return service
  }
  const [api, gateway] = await Promise.all([start('api'), start('gateway'), start('commander')])
  const url = await startFront(t, { port, routes: `/live=${gateway.address} /=${api.address}` })
  return { url, api, broker }
}

async function startFront(
  t: Test,
  { port, routes }: { readonly port: number; readonly routes: string }
): Promise<string> {
  const child = spawn(process.execPath, [front], {
    env: { PATH: process.env['PATH'], PORT: String(port), HOST: '127.0.0.1', FRONT_ROUTES: routes },
    stdio: ['ignore', 'ignore', 'inherit']
  })
  t.teardown(async () => {
    child.kill('SIGKILL')
    if (child.exitCode === null && child.signalCode === null) await once(child, 'exit')
  })
  const url = `http://127.0.0.1:${port}/`
  const isUp = () =>
    fetch(`${url}front/livez`).then(
      ({ ok }) => ok,
      () => false
    )
  await waitFor(isUp, { what: 'the front', timeoutMs: 30_000 })
  return url
}
