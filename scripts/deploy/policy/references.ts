import {
  containersOf,
  doesSelect,
  type PodSpec,
  type Resource,
  type Spec,
  type Workload,
  workloadsOf
} from '../resource.ts'
import { backendsOf } from './doors.ts'
import { type Finding, ofWorkloads, type Rule } from './rule.ts'

/** A name that an object uses, and the kind of what it names. */
type Reference = readonly [kind: string, name: string]

/** What an object makes that others may name, itself included. */
function namesOf({ kind, metadata, spec }: Resource): Reference[] {
  const made: readonly (string | undefined)[] =
    kind === 'Certificate'
      ? [spec?.secretName]
      : kind === 'ExternalSecret'
        ? [spec?.target?.name ?? metadata.name]
        : kind === 'VaultSecret'
          ? [metadata.name]
          : []
  return [[kind, metadata.name], ...made.flatMap(name => (name ? [['Secret', name] as const] : []))]
}

const keyOf = ([kind, name]: Reference): string => `${kind}/${name}`

function referencesOfPod({ serviceAccountName, volumes = [], ...pod }: PodSpec): Reference[] {
  const containers = containersOf(pod)
  const settings = containers.flatMap(({ env = [] }) => env.flatMap(({ valueFrom }) => valueFrom ?? []))
  const lists = containers.flatMap(({ envFrom = [] }) => envFrom)
  const projected = volumes.flatMap(volume => volume.projected?.sources ?? [])
  const configMaps = [
    ...volumes.map(({ configMap }) => configMap?.name),
    ...projected.map(({ configMap }) => configMap?.name),
    ...settings.map(({ configMapKeyRef }) => configMapKeyRef?.name),
    ...lists.map(({ configMapRef }) => configMapRef?.name)
  ]
  const secrets = [
    ...volumes.map(({ secret }) => secret?.secretName),
    ...projected.map(({ secret }) => secret?.name),
    ...settings.map(({ secretKeyRef }) => secretKeyRef?.name),
    ...lists.map(({ secretRef }) => secretRef?.name)
  ]
  return [
    ...named('ServiceAccount', [serviceAccountName]),
    ...named('ConfigMap', configMaps),
    ...named('Secret', secrets)
  ]
}

/** Secrets that a pod reads where they are there, and starts without. */
const secretsToSpare = ({ volumes = [], ...pod }: PodSpec): Reference[] =>
  named('Secret', [
    ...volumes.map(({ secret }) => (secret?.optional === true ? secret.secretName : undefined)),
    ...containersOf(pod)
      .flatMap(({ envFrom = [] }) => envFrom)
      .map(({ secretRef }) => (secretRef?.optional === true ? secretRef.name : undefined))
  ])

const named = (kind: string, names: readonly (string | undefined)[]): Reference[] =>
  names.flatMap(name => (name === undefined ? [] : [[kind, name] as const]))

/** Every name that an object uses of others. */
function referencesOf(resource: Resource): Reference[] {
  const { kind, spec = {} } = resource
  const services = backendsOf(resource).map(([name]) => name)
  const secrets = [
    ...(spec.tls ?? []).map(({ secretName }) => secretName),
    ...(spec.listeners ?? []).flatMap(({ tls }) => tls?.certificateRefs?.map(({ name }) => name)),
    spec.ca?.secretName
  ]
  return [
    ...workloadsOf([resource]).flatMap(({ pod }) => referencesOfPod(pod)),
    ...named('Service', [spec.serviceName, ...services]),
    ...named('Secret', secrets),
    ...named(
      'Gateway',
      (spec.parentRefs ?? []).map(({ name }) => name)
    ),
    ...(spec.targetRefs ?? []).map(({ kind, name }) => [kind, name] as const),
    ...named(spec.scaleTargetRef?.kind ?? 'Deployment', [spec.scaleTargetRef?.name]),
    ...(kind === 'Certificate' ? issuerOf(spec) : [])
  ]
}

/** The issuer of a Certificate; one of the whole cluster is made elsewhere. */
const issuerOf = ({ issuerRef }: Spec): Reference[] =>
  issuerRef?.kind === 'ClusterIssuer' ? [] : named(issuerRef?.kind ?? 'Issuer', [issuerRef?.name])

function missingFaults(resources: readonly Resource[]): Finding[] {
  const known = new Set(resources.flatMap(namesOf).map(keyOf))
  return resources.flatMap(resource => {
    const spared = new Set(workloadsOf([resource]).flatMap(({ pod }) => secretsToSpare(pod).map(keyOf)))
    return referencesOf(resource)
      .map(keyOf)
      .filter(key => !known.has(key) && !spared.has(key))
      .map(key => [resource, `it names ${key}, which is not there`] as const)
  })
}

/** The wave in which Argo CD applies an object: it goes on when all of one wave are healthy. */
const waveOf = ({ metadata }: Resource): number =>
  Number(metadata.annotations?.['argocd.argoproj.io/sync-wave'] ?? 0)

/** A pod that waits for something of a later wave is never healthy, so that wave never comes. */
function waveFaults(resources: readonly Resource[]): Finding[] {
  const waves = new Map(
    resources.flatMap(resource => namesOf(resource).map(name => [keyOf(name), waveOf(resource)] as const))
  )
  return workloadsOf(resources).flatMap(({ resource, pod }) =>
    referencesOfPod(pod)
      .map(keyOf)
      .filter(key => (waves.get(key) ?? Number.NEGATIVE_INFINITY) > waveOf(resource))
      .map(key => [resource, `its wave comes before that of ${key}, which it waits for`] as const)
  )
}

/** Kinds that are there for others to name. */
const NAMED: ReadonlySet<string> = new Set([
  'ConfigMap',
  'Secret',
  'ServiceAccount',
  'Certificate',
  'VaultSecret',
  'ExternalSecret'
])

/** A dashboard is found by its label. */
const isFoundByLabel = ({ metadata }: Resource): boolean =>
  metadata.labels?.['grafana_dashboard'] !== undefined

/** The certificate of a client alone, such as a device, is carried out of the cluster. */
const isCarriedOut = ({ kind, spec }: Resource): boolean =>
  kind === 'Certificate' && spec?.usages?.join() === 'client auth'

function orphanFaults(resources: readonly Resource[]): Finding[] {
  const used = new Set(resources.flatMap(referencesOf).map(keyOf))
  return resources
    .filter(resource => NAMED.has(resource.kind) && !isFoundByLabel(resource) && !isCarriedOut(resource))
    .filter(resource => !namesOf(resource).some(name => used.has(keyOf(name))))
    .map(resource => [resource, 'nothing uses it'] as const)
}

/** A workload whose own selector or spread does not mean its own pods. */
const ownSelectorFaults = ({ resource, pod, labels }: Workload): (string | false)[] => [
  resource.spec?.selector !== undefined &&
    !doesSelect(resource.spec.selector, labels) &&
    'its selector does not choose its own pods',
  ...(pod.topologySpreadConstraints ?? []).map(
    ({ topologyKey, labelSelector }) =>
      !doesSelect(labelSelector, labels) && `its spread over ${topologyKey} does not choose its own pods`
  )
]

/** Rules of names: what is named is there, and what is there is named. */
export const referenceRules: readonly Rule[] = [
  { id: 'references', demands: 'whatever an object names is there', check: missingFaults },
  { id: 'waves', demands: 'what a pod needs is applied before it or with it', check: waveFaults },
  { id: 'orphans', demands: 'nothing is left over', check: orphanFaults },
  {
    id: 'own-selectors',
    demands: 'the selectors of a workload choose its own pods',
    check: ofWorkloads(ownSelectorFaults)
  }
]
