import { doesSelect, portsOf, type Resource, roleOf, type Workload, workloadsOf } from '../resource.ts'
import type { Finding } from './rule.ts'

/** A port by its name or number. */
export type Port = string | number

/** What is there for anybody, by role, each port by its name or number: browsers and programs, and at the broker devices (MQTT) and brokers of other sites. */
const DOORS: Readonly<Record<string, readonly Port[]>> = {
  gateway: ['http'],
  api: ['http'],
  nats: [1883, 7422]
}

/** Whether a port of a workload, by its name or number, is there for anybody. */
export function isDoor(workload: Workload, port: Port): boolean {
  const doors = DOORS[roleOf(workload)] ?? []
  const open = portsOf(workload).find(({ name, containerPort }) => port === name || port === containerPort)
  return [open?.name, open?.containerPort ?? port].some(name => name !== undefined && doors.includes(name))
}

/** The workloads to whose pods a Service leads; none where it has no selector. */
export const workloadsBehind = ({ spec }: Resource, workloads: readonly Workload[]): Workload[] =>
  spec?.selector === undefined
    ? []
    : workloads.filter(({ labels }) =>
        doesSelect({ matchLabels: spec.selector as Record<string, string> }, labels)
      )

/** Ports of a Service that lead to what is not there for anybody. */
function insidePortsOf(service: Resource, workloads: readonly Workload[]) {
  const behind = workloadsBehind(service, workloads)
  return (service.spec?.ports ?? []).filter(
    ({ port, targetPort }) => !behind.every(workload => isDoor(workload, targetPort ?? port))
  )
}

const isOfOutside = ({ spec }: Resource): boolean =>
  ['LoadBalancer', 'NodePort'].includes(spec?.type ?? '') || (spec?.externalIPs ?? []).length > 0

/** Services that the network outside reaches, and that lead to more than what is there for anybody. */
function outsideFaults(resources: readonly Resource[]): Finding[] {
  const workloads = workloadsOf(resources)
  return resources
    .filter(resource => resource.kind === 'Service' && isOfOutside(resource))
    .flatMap(service =>
      insidePortsOf(service, workloads).map(
        ({ port }) =>
          [
            service,
            `port ${port}: spec.type or externalIPs lets anybody in from outside: make it a ClusterIP`
          ] as const
      )
    )
}

/** A Service and its port to which an Ingress or a route leads. */
type RouteBackend = readonly [service: string, port: Port | undefined]

/** Where an Ingress or a route leads. */
export const backendsOf = ({ spec }: Resource): RouteBackend[] => [
  ...[
    spec?.defaultBackend,
    ...(spec?.rules ?? []).flatMap(({ http }) => http?.paths.map(path => path.backend))
  ]
    .flatMap(backend => backend?.service ?? [])
    .map(({ name, port }) => [name, port.name ?? port.number] as const),
  ...(spec?.rules ?? [])
    .flatMap(({ backendRefs = [] }) => backendRefs)
    .map(({ name, port }) => [name, port] as const)
]

function routeFaults(resources: readonly Resource[]): Finding[] {
  const workloads = workloadsOf(resources)
  const inside = resources
    .filter(({ kind }) => kind === 'Service')
    .flatMap(service =>
      insidePortsOf(service, workloads).flatMap(({ name, port }) =>
        [name, port].map(port => `${service.metadata.name} ${port}`)
      )
    )
  return resources.flatMap(resource =>
    backendsOf(resource)
      .filter(([name, port]) => inside.includes(`${name} ${port}`))
      .map(
        ([name, port]) =>
          [
            resource,
            `it leads anybody to port ${port} of Service/${name}, which is not for that: take it out`
          ] as const
      )
  )
}

/** What of a rendering is reached from outside, and should not be. */
export const exposedFaults = (resources: readonly Resource[]): Finding[] => [
  ...outsideFaults(resources),
  ...routeFaults(resources)
]
