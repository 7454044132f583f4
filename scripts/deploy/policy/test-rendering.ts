import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { root } from '../../root.ts'
import { containersOf, type Resource, readResources, workloadsOf } from '../resource.ts'

const deploy = join(root, 'deploy')

/** Files that stand for a whole site: the base, three servers of the broker, network policies and an Ingress. */
const FOLDERS = [
  'base/api',
  'base/commander',
  'base/gateway',
  'base/nats',
  'base/producer',
  'base/streams-job'
]
const MORE = ['components/nats-cluster-3/pod-disruption-budget.yaml', 'components/ingress/ingress.yaml']
const POLICIES = 'components/network-policies'

const manifestsIn = (folder: string): string[] =>
  readdirSync(join(deploy, folder))
    .filter(name => name.endsWith('.yaml') && name !== 'kustomization.yaml')
    .map(name => join(folder, name))

const configMap = (name: string): Resource => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name, annotations: { 'argocd.argoproj.io/sync-wave': '-3' } },
  ...(name === 'nats-conf' && { data: { 'nats.conf': CONF } })
})

const CONF = `lame_duck_grace_period: "10s"
lame_duck_duration: "30s"
cluster { routes: [nats-route://a:6222, nats-route://b:6222, nats-route://c:6222] }`

/**
 * A good rendering without Kustomize: the files of the base as they stand, with what overlays add. A copy at each
 * call, so that a test may break it.
 */
export const createRendering = (): Resource[] => structuredClone(good)

function readRendering(): Resource[] {
  const files = [...FOLDERS.flatMap(manifestsIn), ...manifestsIn(POLICIES), ...MORE]
  const resources = [
    ...files.flatMap(file => readResources(readFileSync(join(deploy, file), 'utf8'))),
    ...['site', 'site-env', 'producer', 'producer-site', 'nats-conf'].map(configMap)
  ]
  for (const resource of resources) fillIn(resource)
  return resources
}

const APART = {
  topologyKey: 'kubernetes.io/hostname',
  labelSelector: { matchLabels: { 'app.kubernetes.io/name': 'nats' } }
}

/** What an overlay and its components write into an object. */
function fillIn(resource: Resource): void {
  resource.metadata.namespace = 'meridian'
  for (const rule of (resource.kind === 'Ingress' && resource.spec?.rules) || [])
    rule.host = 'console.example'
  for (const { pod } of workloadsOf([resource])) {
    for (const container of containersOf(pod)) container.image += ':1.0.0'
    if (resource.kind !== 'StatefulSet') continue
    Object.assign(resource.spec ?? {}, { replicas: 3 })
    pod.topologySpreadConstraints = [{ topologyKey: 'kubernetes.io/hostname' }]
    pod.affinity = { podAntiAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [APART] } }
  }
}

const good = readRendering()

/** What docs/operations.md shows for a backup every night. */
export function backupOfPage(): Resource[] {
  const page = readFileSync(join(root, 'docs/operations.md'), 'utf8')
  const blocks = page.split('```yaml\n').map(text => text.slice(0, text.indexOf('```')))
  const shown = readResources(blocks.find(text => text.includes('kind: CronJob')) ?? '')
  for (const { metadata } of shown) metadata.namespace = 'meridian'
  return shown
}

/** What a test changes of a rendering: the object of this kind and name, which must be there. */
export function pick(resources: readonly Resource[], kind: string, name: string): Resource {
  const found = resources.find(resource => resource.kind === kind && resource.metadata.name === name)
  if (found === undefined) throw new Error(`the rendering has no ${kind}/${name}`)
  return found
}
