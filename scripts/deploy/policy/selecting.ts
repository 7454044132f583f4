import {
  doesSelect,
  isEmptySelector,
  portsOf,
  type Resource,
  roleOf,
  type Selector,
  type Workload,
  workloadsOf
} from '../resource.ts'
import { backendsOf, type Port, workloadsBehind } from './doors.ts'
import { type Finding, ofKinds, type Rule } from './rule.ts'

/** The pods that a selector of a Service, a budget or a monitor means. */
function selectorOf({ kind, spec }: Resource): Selector | undefined {
  if (kind === 'Service') return { matchLabels: spec?.selector as Record<string, string> }
  return kind === 'PodDisruptionBudget' || kind === 'PodMonitor' ? spec?.selector : undefined
}

function emptySelectorFaults(resources: readonly Resource[]): Finding[] {
  const workloads = workloadsOf(resources)
  return resources.flatMap((resource): Finding[] => {
    const selector = selectorOf(resource)
    if (selector === undefined) return []
    if (isEmptySelector(selector)) return [[resource, 'spec.selector is missing or empty: name its pods']]
    if (workloads.some(({ labels }) => doesSelect(selector, labels))) return []
    return [[resource, 'its selector chooses no pod']]
  })
}

/** The workloads to which a Service has to lead: of its own name, and the one whose servers are named by it. */
const ownersOf = ({ metadata: { name } }: Resource, workloads: readonly Workload[]): Workload[] =>
  workloads.filter(({ resource }) => resource.metadata.name === name || resource.spec?.serviceName === name)

function ownServiceFaults(resources: readonly Resource[]): Finding[] {
  const workloads = workloadsOf(resources)
  return ofKinds(['Service'], service => {
    const behind = workloadsBehind(service, workloads)
    const roles = [...new Set(behind.map(roleOf))]
    return [
      roles.length > 1 && `spec.selector leads to pods of ${roles.join(' and ')}: name those of one`,
      ...ownersOf(service, workloads)
        .filter(owner => !behind.includes(owner))
        .map(
          ({ resource: { kind, metadata } }) =>
            `spec.selector leads elsewhere than to ${kind}/${metadata.name}`
        )
    ]
  })(resources)
}

const hasPort = (workload: Workload, port: Port): boolean =>
  portsOf(workload).some(({ name, containerPort }) => port === name || port === containerPort)

/** Target ports of a Service that no container of its pods has. */
const servicePortFaults = (service: Resource, workloads: readonly Workload[]): string[] =>
  (service.spec?.ports ?? [])
    .filter(
      ({ port, targetPort }) =>
        !workloadsBehind(service, workloads).some(workload => hasPort(workload, targetPort ?? port))
    )
    .map(({ port }) => `port ${port}: no container has it`)

/** Ports of a monitor that some of its pods do not have. */
const monitorPortFaults = ({ spec }: Resource, workloads: readonly Workload[]): string[] =>
  (spec?.podMetricsEndpoints ?? []).flatMap(({ port, portNumber }) =>
    workloads
      .filter(({ labels }) => doesSelect(spec?.selector, labels))
      .filter(workload => !hasPort(workload, port ?? portNumber ?? ''))
      .slice(0, 1)
      .map(({ resource }) => `port ${port ?? portNumber}: no container of ${resource.metadata.name} has it`)
  )

/** Ports of Services to which an Ingress or a route leads, and which they do not have. */
const routePortFaults = (resource: Resource, services: readonly Resource[]): string[] =>
  backendsOf(resource).flatMap(([backend, wanted]) =>
    services
      .filter(({ metadata }) => metadata.name === backend)
      .filter(({ spec }) => !spec?.ports?.some(({ name, port }) => wanted === name || wanted === port))
      .map(() => `port ${wanted} of Service/${backend}: it has no such port`)
  )

function portFaults(resources: readonly Resource[]): Finding[] {
  const workloads = workloadsOf(resources)
  const services = resources.filter(({ kind }) => kind === 'Service')
  return [
    ...ofKinds(['Service'], service => servicePortFaults(service, workloads))(resources),
    ...ofKinds(['PodMonitor'], monitor => monitorPortFaults(monitor, workloads))(resources),
    ...resources.flatMap(resource =>
      routePortFaults(resource, services).map(what => [resource, what] as const)
    )
  ]
}

/** Rules of what Services, budgets, monitors and routes choose. */
export const selectingRules: readonly Rule[] = [
  {
    id: 'selected',
    demands: 'a Service, a budget and a monitor choose pods that are there',
    check: emptySelectorFaults
  },
  {
    id: 'own-service',
    demands: 'a Service leads to the pods of one role, and of the workload whose name it has',
    check: ownServiceFaults
  },
  {
    id: 'ports',
    demands: 'whatever leads to a port, by a Service, a route or a monitor, leads to one that is there',
    check: portFaults
  }
]
