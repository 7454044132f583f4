import { type Container, containersOf, doesSelect, portsOf, type Resource, workloadsOf } from '../resource.ts'
import { settingOf } from './containers.ts'
import { MARGIN_S } from './living.ts'
import {
  asksForTls,
  brokerOf,
  CONF_FOLDER,
  dialsAt,
  filesIn,
  lameDuckSecondsOf,
  listensAt
} from './nats-conf.ts'
import { type Finding, ofContainers, type Rule } from './rule.ts'

/** A file that is nowhere keeps the broker from starting, and the reloader, which follows all of it too [docs/nats.md#configuration]. */
function fileFaults(resources: readonly Resource[]): Finding[] {
  const found = brokerOf(resources)
  if (found === undefined) return []
  const { broker, conf } = found
  return containersOf(broker.pod)
    .filter(container => hasMounted(container, `${CONF_FOLDER}/nats.conf`))
    .flatMap(container =>
      filesIn(conf)
        .filter(file => !hasMounted(container, file))
        .map(file => [
          broker.resource,
          `container ${container.name}: nats.conf reads ${file}, and nothing is mounted there`
        ])
    )
}

const hasMounted = ({ volumeMounts = [] }: Container, file: string): boolean =>
  volumeMounts.some(({ mountPath }) => file.startsWith(`${mountPath}/`))

/** Where clients are asked for TLS, who has no CA is not let in, and who names one that is not there does not start. */
function trustFaults(resources: readonly Resource[]): Finding[] {
  const isAsked = asksForTls(brokerOf(resources)?.conf ?? '')
  return ofContainers(container => {
    const caFile = settingOf(container, 'NATS_CA_FILE')
    const isClient = settingOf(container, 'NATS_URL') !== undefined
    return [
      isAsked && isClient && caFile === undefined && 'the broker speaks TLS, and NATS_CA_FILE is not set',
      caFile !== undefined && !hasMounted(container, caFile) && `nothing is mounted at ${caFile}`
    ]
  })(resources)
}

/** A port that is not among those of the pod has no name by which a Service leads to it. */
function portFaults(resources: readonly Resource[]): Finding[] {
  const found = brokerOf(resources)
  if (found === undefined) return []
  const { broker, conf } = found
  const open = portsOf(broker).map(({ containerPort }) => containerPort)
  return listensAt(conf)
    .filter(port => !open.includes(port))
    .map(port => [broker.resource, `it listens at ${port}, which is no port of its container`])
}

/** Where there are network policies, what none of them names reaches nobody. */
function policyFaults(resources: readonly Resource[]): Finding[] {
  const found = brokerOf(resources)
  const policies = resources.filter(({ kind }) => kind === 'NetworkPolicy')
  if (found === undefined || policies.length === 0) return []
  const { broker, conf } = found
  const isLet = (way: 'ingress' | 'egress', port: number): boolean => {
    const names = [port, ...portsOf(broker).flatMap(open => (open.containerPort === port ? [open.name] : []))]
    return policies
      .filter(({ spec }) => doesSelect(spec?.podSelector, broker.labels))
      .flatMap(({ spec }) => spec?.[way] ?? [])
      .some(({ ports = [] }) => ports.some(named => names.includes(named.port)))
  }
  const shut = listensAt(conf).filter(port => !isLet('ingress', port))
  const beyond = dialsAt(conf).filter(port => !isLet('egress', port))
  return [
    ...shut.map(port => [broker.resource, `no network policy lets anybody in at ${port}`] as const),
    ...beyond.map(port => [broker.resource, `no network policy lets it dial ${port}`] as const)
  ]
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

/** A server that is killed while its clients go, or that tells none of them to go, takes their connections with it. */
function lameDuckFaults(resources: readonly Resource[]): Finding[] {
  const found = brokerOf(resources)
  if (found === undefined) return []
  const { resource, pod } = found.broker
  const neededS = lameDuckSecondsOf(found.conf) + MARGIN_S
  const graceS = pod.terminationGracePeriodSeconds ?? 30
  const isTold = pod.containers.some(({ lifecycle }) =>
    lifecycle?.preStop?.exec?.command.some(word => word.includes('ldm'))
  )
  return [
    ...(graceS < neededS
      ? [`terminationGracePeriodSeconds of ${graceS}: ${neededS}, as nats.conf says`]
      : []),
    ...(isTold ? [] : ['its preStop sends no client away: nats-server -sl=ldm=…'])
  ].map(what => [resource, what] as const)
}

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

/** Who asks for TLS that is not spoken connects to nobody. */
function vainTrustFaults(resources: readonly Resource[]): Finding[] {
  const isAsked = asksForTls(brokerOf(resources)?.conf ?? '')
  return ofContainers(container => [
    !isAsked &&
      settingOf(container, 'NATS_CA_FILE') !== undefined &&
      'NATS_CA_FILE is set, and the broker speaks no TLS: see deploy.nats.tls in site.yaml'
  ])(resources)
}

/** A Service of the broker, not the one of its servers, that leads to where nobody listens. */
function vainServiceFaults(resources: readonly Resource[]): Finding[] {
  const found = brokerOf(resources)
  if (found === undefined) return []
  const { broker, conf } = found
  const heard = portsOf(broker).filter(({ containerPort }) => listensAt(conf).includes(containerPort))
  const isHeard = (port: string | number): boolean =>
    heard.some(({ name, containerPort }) => port === name || port === containerPort)
  return resources
    .filter(({ kind, spec }) => kind === 'Service' && spec?.clusterIP !== 'None')
    .filter(({ spec }) =>
      doesSelect({ matchLabels: spec?.selector as Record<string, string> }, broker.labels)
    )
    .flatMap(service =>
      (service.spec?.ports ?? [])
        .filter(({ port, targetPort }) => !isHeard(targetPort ?? port))
        .map(({ port }) => [service, `port ${port}: nats.conf does not listen there: see site.yaml`] as const)
    )
}

/** What an overlay obeys besides: it has nothing for the broker that its site file does not ask for. */
export const askedRules: readonly Rule[] = [
  { id: 'nats-asked-tls', demands: 'a CA is given where the broker speaks TLS', check: vainTrustFaults },
  { id: 'nats-asked-port', demands: 'a Service leads to where the broker listens', check: vainServiceFaults }
]

/** Rules of the broker and its nats.conf. */
export const brokerRules: readonly Rule[] = [
  { id: 'nats-files', demands: 'whatever nats.conf reads is mounted', check: fileFaults },
  { id: 'nats-trust', demands: 'who speaks to a broker with TLS has its CA', check: trustFaults },
  { id: 'nats-ports', demands: 'where nats.conf listens is a port of the pod', check: portFaults },
  {
    id: 'nats-reached',
    demands: 'network policies let through where nats.conf listens and what it dials',
    check: policyFaults
  },
  { id: 'nats-servers', demands: 'there are as many servers as nats.conf says', check: serverFaults },
  {
    id: 'nats-end',
    demands: 'a server sends its clients away and has the time for it',
    check: lameDuckFaults
  },
  { id: 'nats-volumes', demands: 'where there are several servers each has a volume', check: volumeFaults }
]
