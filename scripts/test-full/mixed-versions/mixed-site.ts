import {
  type Link,
  type ServiceProcess,
  startLink,
  startNats,
  startService,
  type TestNats
} from '@meridian/testing'
import type { Test } from 'tap'
import { root } from '../../root.ts'
import { runTool } from '../../run-tool.ts'
import type { Half } from './halves.ts'

/** The site of these tests: a dozen instances. */
export const SITE = 'small'

/** A small site whose parts may each be of another version. */
export interface MixedSite {
  readonly nats: TestNats
  /** Takes the streams step of a version. */
  makeStreams(half: Half): Promise<void>
  /** Starts a service of a version under a name that tells which it is; resolves when it is ready. */
  start(half: Half, service: string): Promise<ServiceProcess>
  /** As a rolling update does: one of another version is ready, then the one before drains and ends with 0. */
  replace(before: ServiceProcess, half: Half, service: string): Promise<ServiceProcess>
}

/** Starts its broker; everything ends with the test. */
export async function startMixedSite(t: Test): Promise<MixedSite> {
  const nats = await startNats()
  t.teardown(() => nats.stop())
  const start = async (half: Half, name: string): Promise<ServiceProcess> => {
    const settings = { NATS_URL: nats.url, SITE, PORT: '0', NAME: `${name}-${half.name}`, DRAIN_MS: '5000' }
    const users = { AUTH_MODE: 'local', TRUSTED_PROXIES: 'loopback' }
    const service = await startService(root, { ...settings, ...users }, 'ready', half.service(name))
    t.teardown(() => service.stop())
    return service
  }
  return {
    nats,
    start,
    async makeStreams(half) {
      const args = ['--nats', nats.url, '--site', SITE, '--profile', 'laptop']
      await runTool(process.execPath, [...half.script('streams'), ...args])
    },
    async replace(before, half, name) {
      const after = await start(half, name)
      before.child.kill('SIGTERM')
      t.equal(await before.gone, 0, `${name} makes room for the ${half.name} one`)
      return after
    }
  }
}

/** The port of a service that listens on loopback. */
export const portOf = ({ address }: ServiceProcess): number => Number(new URL(address).port)

/** One address in front of a service, which may be another one later; it ends with the test. */
export async function startDoor(t: Test, first: ServiceProcess): Promise<Link> {
  const link = await startLink(portOf(first))
  t.teardown(() => link.stop())
  return link
}
