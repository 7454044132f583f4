import { posix } from 'node:path'
import { containersOf, type Resource, type Workload, workloadsOf } from '../resource.ts'
import type { Finding, Rule } from './rule.ts'

/** Where the broker reads nats.conf, from which `include` counts its paths. */
const CONF_FOLDER = '/etc/nats'

/** The broker with its nats.conf, where the rendering has both. */
function brokerOf(
  resources: readonly Resource[]
): { readonly broker: Workload; readonly conf: string } | undefined {
  const broker = workloadsOf(resources).find(({ resource }) => resource.kind === 'StatefulSet')
  const conf = resources.find(({ kind, metadata }) => kind === 'ConfigMap' && metadata.name === 'nats-conf')
  const text = conf?.data?.['nats.conf']
  return broker === undefined || text === undefined ? undefined : { broker, conf: text }
}

/** Files that a nats.conf reads: what it includes, certificates and keys. */
const filesIn = (conf: string): string[] => [
  ...[...conf.matchAll(/\binclude "([^"]+)"/g)].map(([, path = '']) => posix.join(CONF_FOLDER, path)),
  ...[...conf.matchAll(/\b(?:cert|key|ca)_file: "?([^"\s]+)/g)].map(([, path = '']) => path)
]

/** A file that is nowhere keeps the broker from starting. */
function fileFaults(resources: readonly Resource[]): Finding[] {
  const found = brokerOf(resources)
  if (found === undefined) return []
  const { broker, conf } = found
  const mounts = containersOf(broker.pod)
    .filter(({ name }) => name === 'nats')
    .flatMap(({ volumeMounts = [] }) => volumeMounts.map(({ mountPath }) => mountPath))
  return filesIn(conf)
    .filter(file => !mounts.some(mount => file.startsWith(`${mount}/`)))
    .map(file => [broker.resource, `nats.conf reads ${file}, and nothing is mounted there`] as const)
}

/** Servers that do not know of each other are so many brokers behind one name. */
function serverFaults(resources: readonly Resource[]): Finding[] {
  const found = brokerOf(resources)
  if (found === undefined) return []
  const { broker, conf } = found
  const replicas = broker.resource.spec?.replicas ?? 1
  const servers = Math.max(1, conf.match(/\bnats-route:\/\//g)?.length ?? 0)
  if (replicas === servers) return []
  const what = `it has ${replicas} ${replicas === 1 ? 'pod' : 'pods'}, and nats.conf is of ${servers}`
  return [[broker.resource, `${what}: ${remedyOf(replicas, servers)}`]]
}

const remedyOf = (replicas: number, servers: number): string =>
  `${replicas > servers ? 'take the component nats-cluster-3 out of' : 'add the component nats-cluster-3 to'} kustomization.yaml, or write deploy.nats.servers: ${replicas} into site.yaml and run pnpm site generate`

/** Several servers keep what they store beyond their pods; one alone may be a stand where nothing is kept. */
function volumeFaults(resources: readonly Resource[]): Finding[] {
  return workloadsOf(resources)
    .filter(
      ({ resource: { kind, spec } }) =>
        kind === 'StatefulSet' && (spec?.replicas ?? 1) > 1 && !spec?.volumeClaimTemplates?.length
    )
    .map(({ resource }) => [
      resource,
      'each of its servers loses with its pod what it stored: take the patch that removes volumeClaimTemplates out of kustomization.yaml'
    ])
}

/** Rules of the broker and its nats.conf. */
export const brokerRules: readonly Rule[] = [
  { id: 'nats-files', demands: 'whatever nats.conf reads is mounted', check: fileFaults },
  { id: 'nats-servers', demands: 'there are as many servers as nats.conf says', check: serverFaults },
  { id: 'nats-volumes', demands: 'where there are several servers each has a volume', check: volumeFaults }
]
