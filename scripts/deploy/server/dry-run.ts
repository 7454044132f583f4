import type { Fault } from '../policy/rule.ts'
import { type Resource, workloadsOf } from '../resource.ts'
import type { CustomResource } from '../schemas/convert.ts'
import type { ApiServer, Said } from './api-server.ts'

/** Pod Security of the namespaces that we are made for: what a pod may not, and what is told of what would make such a pod. */
const RESTRICTED = {
  'pod-security.kubernetes.io/enforce': 'restricted',
  'pod-security.kubernetes.io/warn': 'restricted'
}
const FIELD_MANAGER = 'deploy-check'

/**
 * What a real kube-apiserver has against a rendering: it is asked to apply all of it, strictly and without doing it,
 * and to make a pod of each workload, in namespaces of Pod Security `restricted`. A warning is a fault too.
 */
export async function faultsOfDryRun(
  server: ApiServer,
  { resources, text }: { readonly resources: readonly Resource[]; readonly text: string },
  definitions: readonly CustomResource[]
): Promise<Fault[]> {
  await make(server, [...definitionsFor(resources, definitions), ...namespacesOf(resources)])
  const applied = await server.kubectl(
    ['apply', '--server-side', '--dry-run=server', '--validate=strict', ...fieldManager, '-f', '-'],
    text
  )
  const pods = podsOf(resources)
  const made = await server.kubectl(
    ['create', '--dry-run=server', '--validate=strict', '-f', '-'],
    listOf(pods)
  )
  return [...faultsIn(applied, 'server'), ...faultsIn(made, 'pod')]
}

const fieldManager = ['--field-manager', FIELD_MANAGER]

/** Makes what others stand on; throws where the server refuses it. */
async function make(server: ApiServer, objects: readonly object[]): Promise<void> {
  const { code, errors } = await server.kubectl(
    ['apply', '--server-side', '--force-conflicts', ...fieldManager, '-f', '-'],
    listOf(objects)
  )
  if (code !== 0) throw new Error(`kube-apiserver: ${errors.trim()}`)
  const definitions = objects.filter(object => 'spec' in object)
  if (definitions.length > 0)
    await server.kubectl(['wait', '--for=condition=Established', '--timeout=60s', 'crd', '--all'])
}

function definitionsFor(
  resources: readonly Resource[],
  definitions: readonly CustomResource[]
): CustomResource[] {
  const kinds = new Set(resources.map(({ apiVersion, kind }) => `${apiVersion.split('/')[0]} ${kind}`))
  return definitions.filter(({ spec }) => kinds.has(`${spec?.group} ${spec?.names.kind}`))
}

function namespacesOf(resources: readonly Resource[]): object[] {
  const names = new Set(resources.flatMap(({ metadata }) => metadata.namespace ?? []))
  return [...names].map(name => ({
    apiVersion: 'v1',
    kind: 'Namespace',
    metadata: { name, labels: RESTRICTED }
  }))
}

const podsOf = (resources: readonly Resource[]): object[] =>
  workloadsOf(resources).map(({ resource, pod, labels }) => ({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: resource.metadata.name, namespace: resource.metadata.namespace, labels },
    spec: { ...pod, volumes: [...(pod.volumes ?? []), ...claimedOf(resource)] }
  }))

/** The volumes that a StatefulSet adds to its pods. */
const claimedOf = ({ spec }: Resource): object[] =>
  (spec?.volumeClaimTemplates ?? []).map(({ metadata: { name } }) => ({
    name,
    persistentVolumeClaim: { claimName: name }
  }))

const listOf = (items: readonly object[]): string => JSON.stringify({ apiVersion: 'v1', kind: 'List', items })

/** A line of what kubectl says on standard error is a fault of its own, and so is an end without a word. */
function faultsIn({ code, errors }: Said, rule: string): Fault[] {
  const lines = errors.split('\n').filter(line => line.trim() !== '')
  const told = code === 0 || lines.length > 0 ? lines : [`it ended with ${code ?? 'a signal'}`]
  return told.map(line => ({ object: 'kubectl', rule, what: line.trim() }))
}
