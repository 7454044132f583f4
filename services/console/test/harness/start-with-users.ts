import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
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
}

/** Starts one; it ends with the test. */
export async function startWithUsers(t: Test): Promise<SystemWithUsers> {
  const { nats, stop } = await startTestSite({ buckets: true })
  t.teardown(stop)
  const settings = {
    AUTH_MODE: 'local',
    CONSOLE_DIR: join(root, 'services/console/dist'),
    TRUSTED_PROXIES: 'loopback'
  }
  const start = async (name: string): Promise<ServiceProcess> => {
    const service = await startSiteService(name, nats, settings)
    t.teardown(() => service.stop())
    return service
  }
  const [api, gateway] = await Promise.all([start('api'), start('gateway'), start('commander')])
  const firstToken = /"token":"([\w-]+)"/.exec(api.lines.join('\n'))?.[1] ?? ''
  return { url: await startFront(t, `/live=${gateway.address} /=${api.address}`), firstToken }
}

async function startFront(t: Test, routes: string): Promise<string> {
  const port = await freePort()
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
