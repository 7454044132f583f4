import {
  doesSelect,
  isEmptySelector,
  type PolicyPeer,
  type PolicyRule,
  type Resource,
  roleOf,
  type Workload,
  workloadsOf
} from '../resource.ts'
import { exposedFaults, isDoor, type Port } from './doors.ts'
import { brokerOf, dialsAt, isKeyed, isStand } from './nats-conf.ts'
import { isWideNetwork } from './networks.ts'
import type { Finding, Rule } from './rule.ts'

const policiesOf = (resources: readonly Resource[]): Resource[] =>
  resources.filter(({ kind }) => kind === 'NetworkPolicy')

function denyFaults(resources: readonly Resource[]): Finding[] {
  const policies = policiesOf(resources)
  const [first] = policies
  if (first === undefined) return []
  if (!policies.some(deniesAll)) return [[first, 'nothing denies what no policy allows']]
  return workloadsOf(resources)
    .filter(({ labels }) => !policies.some(policy => isOfOne(policy, labels)))
    .map(({ resource }) => [resource, 'no network policy is of it'] as const)
}

/** Whether a policy is of all pods and of both ways; what it allows besides is held against the rule of open policies. */
const deniesAll = ({ spec: { podSelector, policyTypes } = {} }: Resource): boolean =>
  podSelector !== undefined &&
  isEmptySelector(podSelector) &&
  ['Ingress', 'Egress'].every(type => policyTypes?.includes(type))

const isOfOne = ({ spec }: Resource, labels: Readonly<Record<string, string>>): boolean =>
  spec?.podSelector !== undefined &&
  !isEmptySelector(spec.podSelector) &&
  doesSelect(spec.podSelector, labels)

/** Whether a peer is anybody: a large part of all addresses, pods of any namespace, or any pod of this one. */
function isAnybody({ ipBlock, podSelector, namespaceSelector }: PolicyPeer): boolean {
  if (ipBlock !== undefined) return isWideNetwork(ipBlock.cidr)
  return doesSelect(namespaceSelector ?? podSelector, {})
}

const isForAnybody = (peers: readonly PolicyPeer[] = []): boolean =>
  peers.length === 0 || peers.some(isAnybody)

/** Whether a rule lets every port through, or many that it does not name. */
const hasAllPorts = ({ ports = [] }: PolicyRule): boolean =>
  ports.length === 0 || ports.some(({ port, endPort }) => port === undefined || endPort !== undefined)

/** Where nobody knows addresses beforehand: the brokers of other sites, and the provider by which people log in at an api. */
const BEYOND: Readonly<Record<string, number>> = { nats: 7422, api: 443 }

/** What a rule of a policy lets through besides what is there for anybody. */
function openFaults(policy: Resource, resources: readonly Resource[]): string[] {
  const chosen = workloadsOf(resources).filter(({ labels }) => doesSelect(policy.spec?.podSelector, labels))
  const dialled = dialsAt(brokerOf(resources)?.conf ?? '')
  const isBeyond = (workload: Workload, port: Port): boolean =>
    port === BEYOND[roleOf(workload)] || (roleOf(workload) === 'nats' && dialled.includes(Number(port)))
  const { ingress = [], egress = [] } = policy.spec ?? {}
  return [
    ...ingress.flatMap((rule, at) =>
      wayFaults(rule, `ingress[${at}]`, port => chosen.every(workload => isDoor(workload, port)))
    ),
    ...egress.flatMap((rule, at) =>
      wayFaults(rule, `egress[${at}]`, port => chosen.every(workload => isBeyond(workload, port)))
    )
  ]
}

function wayFaults(rule: PolicyRule, field: string, isMeant: (port: Port) => boolean): string[] {
  if (hasAllPorts(rule))
    return [`${field}.ports: it lets all ports or a range through: name each that is needed`]
  if (!isForAnybody(rule.from ?? rule.to)) return []
  return (rule.ports ?? [])
    .filter(({ port = '' }) => !isMeant(port))
    .map(({ port }) => `${field}: port ${port} is open to anybody: name in from or to who needs it`)
}

/** A broker without keys does what anybody asks who reaches it; a first look on one machine has nothing to lose. */
function shutInFaults(resources: readonly Resource[]): Finding[] {
  const found = brokerOf(resources)
  const isShutIn = policiesOf(resources).length > 0
  if (found === undefined || isShutIn || isKeyed(found.conf) || isStand(resources)) return []
  const what =
    'nats.conf has no keys, and no network policy keeps anybody out: add the component network-policies, or keys'
  return [[found.broker.resource, what]]
}

/** Rules of who reaches whom. */
export const networkRules: readonly Rule[] = [
  {
    id: 'deny-all',
    demands: 'where there are network policies, what none allows is denied, and each workload has its own',
    check: denyFaults
  },
  {
    id: 'open-policy',
    demands: 'a network policy names ports, and from or to whom, but for what is there for anybody',
    check: resources =>
      policiesOf(resources).flatMap(policy =>
        openFaults(policy, resources).map(what => [policy, what] as const)
      )
  },
  {
    id: 'shut-in',
    demands: 'a broker that knows nobody is shut in by network policies',
    check: shutInFaults
  },
  {
    id: 'exposed',
    demands: 'from outside only what is there for anybody is reached: gateway, api, MQTT and leaf links',
    check: exposedFaults
  }
]
