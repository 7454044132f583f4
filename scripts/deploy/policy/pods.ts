import { IMAGES } from '../../images/image-table.ts'
import { readQuantity } from '../quantity.ts'
import type { Container, Probe } from '../resource.ts'
import { ofContainers, ofWorkloads, type Rule } from './rule.ts'

/** Seconds that a pod has beyond its sleep and its drain, before it is killed. */
const MARGIN_S = 5
const MIB = 2 ** 20

const requestOf = ({ resources }: Container, what: string): number =>
  readQuantity(resources?.requests?.[what])
const limitOf = ({ resources }: Container, what: string): number => readQuantity(resources?.limits?.[what])
const settingOf = ({ env = [] }: Container, name: string): string | undefined =>
  env.find(setting => setting.name === name)?.value

/** By the image's own name, whatever registry and path a site has for it. */
const isOurs = ({ image = '' }: Container): boolean =>
  [...IMAGES.keys()].some(name => new RegExp(`(^|[/-])${name}([:@]|$)`).test(image))

function heapFault(container: Container): string | false {
  const heapMib = Number(
    /--max-old-space-size=(\d+)/.exec(settingOf(container, 'NODE_OPTIONS') ?? '')?.[1] ?? Number.NaN
  )
  const expectedMib = Math.round((limitOf(container, 'memory') * 0.75) / MIB)
  return (
    isOurs(container) &&
    heapMib !== expectedMib &&
    `a heap of ${heapMib} MiB, 75 % of its limit are ${expectedMib}`
  )
}

function memoryFault(container: Container): string | false {
  const share = limitOf(container, 'memory') / requestOf(container, 'memory')
  return !(share >= 1 && share <= 2) && 'its memory limit is not between one and two requests'
}

function graceFault(container: Container, graceS: number): string | false {
  const sleepS = container.lifecycle?.preStop?.sleep?.seconds ?? 0
  const drainS = Number(settingOf(container, 'DRAIN_MS') ?? Number.NaN) / 1000
  return (
    isOurs(container) &&
    !(sleepS + drainS + MARGIN_S <= graceS) &&
    `a grace of ${graceS} s is shorter than its sleep of ${sleepS} s, its drain of ${drainS} s and ${MARGIN_S} s`
  )
}

const NOT_EXEC = /^(npm|pnpm|npx|yarn|sh|bash|\/bin\/(ba)?sh)$/

const asks = (probe: Probe | undefined, path: string): boolean => probe?.httpGet?.path === path

/**
 * Whether others are served here. What tells a server's figures beside it is left out: it has no say in whether the pod is ready, and
 * nobody waits for its end.
 */
const isServer = ({ ports = [] }: Container): boolean => ports.some(({ name }) => name !== 'metrics')

/** Rules of each pod: what it asks for, how it lives and ends, and what it may do on its node. */
export const podRules: readonly Rule[] = [
  {
    id: 'R1',
    demands: 'every container requests CPU and memory',
    check: ofContainers(container =>
      ['cpu', 'memory'].map(what => !(requestOf(container, what) > 0) && `no request of ${what}`)
    )
  },
  {
    id: 'R6',
    demands: 'a signal reaches the process: no shell and no package manager before it',
    check: ofContainers(({ command = [], args = [] }) => {
      const first = [...command, ...args][0] ?? ''
      return [NOT_EXEC.test(first) && `it runs under ${first}`]
    })
  },
  {
    id: 'memory-limit',
    demands: 'a memory limit of one to two requests',
    check: ofContainers(container => [memoryFault(container)])
  },
  {
    id: 'heap',
    demands: "the heap of a Node process is three quarters of its container's memory limit",
    check: ofContainers(container => [heapFault(container)])
  },
  {
    id: 'probes',
    demands: 'our services answer three probes, each its own path; whoever runs on has all three',
    check: ofContainers((container, { resource }) => {
      if (resource.kind === 'Job') return []
      const { startupProbe, readinessProbe, livenessProbe } = container
      const isMissing = [startupProbe, readinessProbe, livenessProbe].some(probe => !probe?.httpGet)
      const isOther = !(
        asks(startupProbe, '/startupz') &&
        asks(readinessProbe, '/readyz') &&
        asks(livenessProbe, '/livez')
      )
      return [
        isServer(container) && isMissing && 'a probe is missing',
        isOurs(container) && isOther && 'its probes are not /startupz, /readyz and /livez'
      ]
    })
  },
  {
    id: 'readiness-quick',
    demands: 'a pod that drains is out of rotation within four seconds',
    check: ofContainers(container => {
      const { periodSeconds = 10, failureThreshold = 3 } = container.readinessProbe ?? {}
      return [
        isOurs(container) &&
          container.readinessProbe !== undefined &&
          periodSeconds * failureThreshold > 4 &&
          `not ready after ${periodSeconds * failureThreshold} s`
      ]
    })
  },
  {
    id: 'drain',
    demands: 'endpoints forget a pod before it hears of its end, and its grace is longer than its drain',
    check: ofContainers((container, { resource, pod }) => {
      if (resource.kind === 'Job' || !isServer(container)) return []
      return [
        container.lifecycle?.preStop === undefined && 'no preStop',
        graceFault(container, pod.terminationGracePeriodSeconds ?? 30)
      ]
    })
  },
  {
    id: 'non-root',
    demands: 'no pod runs as root',
    check: ofWorkloads(({ pod: { securityContext = {} } }) => [
      securityContext.runAsNonRoot !== true && 'runAsNonRoot is not set',
      !((securityContext.runAsUser ?? 0) > 0) && 'runAsUser is no number above 0'
    ])
  },
  {
    id: 'read-only-root',
    demands: 'no container writes into its image',
    check: ofContainers(({ securityContext }) => [
      securityContext?.readOnlyRootFilesystem !== true && 'its root file system may be written'
    ])
  },
  {
    id: 'capabilities',
    demands: 'no container has capabilities, or gets more rights than it started with',
    check: ofContainers(({ securityContext: { capabilities, ...rights } = {} }) => [
      !capabilities?.drop?.includes('ALL') && 'capabilities are not dropped',
      capabilities?.add !== undefined && 'capabilities are added',
      (rights.allowPrivilegeEscalation !== false || rights.privileged === true) &&
        'it may get more rights than it started with'
    ])
  },
  {
    id: 'seccomp',
    demands: "the runtime's filter of system calls",
    check: ofWorkloads(({ pod }) => [
      pod.securityContext?.seccompProfile?.type !== 'RuntimeDefault' && 'seccomp is not RuntimeDefault'
    ])
  },
  {
    id: 'no-token',
    demands: 'no pod has a token for the API of Kubernetes',
    check: ofWorkloads(({ pod }) => [pod.automountServiceAccountToken !== false && 'a token is mounted'])
  },
  {
    id: 'no-host',
    demands: 'no pod has a part of its node, and what it writes there is bounded',
    check: ofWorkloads(({ pod: { volumes = [], hostNetwork, hostPID, hostIPC } }) => [
      (hostNetwork || hostPID || hostIPC) && "it shares its node's network or processes",
      ...volumes.map(({ name, hostPath }) => hostPath !== undefined && `volume ${name} is of the node`),
      ...volumes.map(
        ({ name, emptyDir }) =>
          emptyDir !== undefined && emptyDir.sizeLimit === undefined && `volume ${name} has no size limit`
      )
    ])
  },
  {
    id: 'affinity',
    demands: 'affinity has the three parts that Kubernetes knows; others are dropped without a word',
    check: ofWorkloads(({ pod: { affinity = {} } }) =>
      Object.keys(affinity)
        .filter(part => !/^(node|pod|podAnti)Affinity$/.test(part))
        .map(part => `affinity.${part} means nothing`)
    )
  }
]
