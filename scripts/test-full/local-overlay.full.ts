/**
 * What the overlay of one machine says, run as plain processes: the streams step with the arguments of its Job, then
 * every workload with the settings, the site file and the heap of its manifest. Broker and addresses are the test's.
 */
import { execFileSync } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type ServiceProcess, scriptCommand, startNats, startService, waitFor } from '@meridian/testing'
import t from 'tap'
import { renderOverlay } from '../deploy/render.ts'
import {
  type Container,
  containersOf,
  type Resource,
  roleOf,
  type Workload,
  workloadsOf
} from '../deploy/resource.ts'
import { root } from '../root.ts'

t.setTimeout(540_000)
// Each process that the test starts is ended with it.
process.setMaxListeners(30)

type Settings = Readonly<Record<string, string>>

/** What a ConfigMap of the rendering holds. */
function dataOf(resources: readonly Resource[], name = ''): Settings {
  const found = resources.find(({ kind, metadata }) => kind === 'ConfigMap' && metadata.name === name)
  if (found === undefined) throw new Error(`the overlay has no ConfigMap ${name}`)
  return found.data ?? {}
}

/** The environment of a container, as a kubelet would make it for the pod `pod-1`. */
function settingsOf({ envFrom = [], env = [] }: Container, resources: readonly Resource[]): Settings {
  const lists = envFrom.map(({ configMapRef }) => dataOf(resources, configMapRef?.name))
  const own = env.map(({ name, value, valueFrom }) => {
    const key = valueFrom?.configMapKeyRef
    return { [name]: value ?? (key ? dataOf(resources, key.name)[key.key ?? ''] : undefined) ?? 'pod-1' }
  })
  return Object.assign({}, ...lists, ...own)
}

/** Writes the files of the pod's ConfigMaps, and says where the site file is. */
function writeSite({ pod }: Workload, resources: readonly Resource[], folder: string): string {
  mkdirSync(folder)
  for (const { configMap } of pod.volumes ?? [])
    for (const [name, text] of Object.entries(configMap ? dataOf(resources, configMap.name) : {}))
      writeFileSync(join(folder, name), text)
  return join(folder, 'site.yaml')
}

const containerOf = ({ pod, resource }: Workload): Container => {
  const [container] = containersOf(pod)
  if (container === undefined) throw new Error(`${resource.metadata.name} has no container`)
  return container
}

t.test(
  'the overlay of one machine runs: every producer stores what its component says, and all end well',
  async t => {
    const { resources } = await renderOverlay('local')
    const nats = await startNats()
    t.teardown(() => nats.stop())
    const workloads = workloadsOf(resources)
    const withName = (kind: string): Workload[] => workloads.filter(({ resource }) => resource.kind === kind)

    for (const job of withName('Job')) {
      const container = containerOf(job)
      const settings: Settings = { ...settingsOf(container, resources), NATS_URL: nats.url }
      const args = (container.args ?? []).map(text =>
        text.replace(/\$\((\w+)\)/g, (_, name) => settings[name] ?? '')
      )
      const env = { PATH: process.env['PATH'], HOME: process.env['HOME'], ...settings }
      const told = execFileSync(process.execPath, [...scriptCommand('streams'), ...args], {
        env,
        encoding: 'utf8'
      })
      t.match(told, 'TEL: created')
    }

    const running = new Map<string, ServiceProcess>()
    t.teardown(() => Promise.all([...running.values()].map(service => service.stop())))
    const folder = t.testdir({})
    for (const workload of withName('Deployment')) {
      const { name } = workload.resource.metadata
      const settings = settingsOf(containerOf(workload), resources)
      const SITE_FILE = writeSite(workload, resources, join(folder, name))
      const own = { NATS_URL: nats.url, HOST: '127.0.0.1', PORT: '0', SITE_FILE }
      running.set(name, await startService(join(root, 'services', roleOf(workload)), { ...settings, ...own }))
    }

    const textOf = async (name: string, path: string): Promise<string> =>
      (await fetch(`${running.get(name)?.address}${path}`)).text()
    const metricOf = async (name: string, metric: string): Promise<number> =>
      Number(new RegExp(`^${metric}(?:{[^}]*})? (\\S+)$`, 'm').exec(await textOf(name, '/metrics'))?.[1])
    const producers = [...running.keys()].filter(name => /^producer-(?!rest$)/.test(name))
    t.ok(producers.length > 3, `${producers}`)
    for (const name of producers)
      await waitFor(async () => (await metricOf(name, 'meridian_producer_acked_total')) > 0, {
        what: `${name} to have something stored`,
        timeoutMs: 60_000
      })
    await waitFor(async () => (await metricOf('gateway', 'meridian_gateway_topics')) > producers.length, {
      what: 'the gateway to know topics',
      timeoutMs: 60_000
    })
    t.match(JSON.parse(await textOf('api', '/readyz')), { ready: true, access: { mode: 'local' } })

    for (const [name, { child, gone }] of running) {
      child.kill('SIGTERM')
      t.equal(await gone, 0, `${name} ends with 0`)
    }
  }
)
