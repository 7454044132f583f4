import { readQuantity } from '../quantity.ts'
import {
  containersOf,
  doesSelect,
  isEmptySelector,
  type Resource,
  roleOf,
  type Workload,
  workloadsOf
} from '../resource.ts'
import { leastPodsOf } from '../scalers.ts'
import { type Finding, ofWorkloads, type Rule } from './rule.ts'

const POOL = 'meridian.observatory/pool'
/** What each node has another value of. */
const HOST = 'kubernetes.io/hostname'
const SPOT = 'meridian.observatory/spot'

const POOLS: Readonly<Record<string, string>> = { gateway: 'edge', api: 'edge', streams: 'batch' }

const poolOf = ({ pod }: Workload): string | undefined => pod.nodeSelector?.[POOL]

/** Pools are used by all workloads or by none. */
function poolFaults(resources: readonly Resource[]): Finding[] {
  const workloads = workloadsOf(resources)
  if (workloads.every(workload => poolOf(workload) === undefined)) return []
  return workloads.flatMap(workload => {
    const pool = POOLS[roleOf(workload)] ?? 'core'
    return poolOf(workload) === pool ? [] : [[workload.resource, `it is not of the pool ${pool}`] as const]
  })
}

function pinFaults({ pod }: Workload): (string | false)[] {
  const containers = containersOf(pod)
  const limits = containers.map(({ resources }) => readQuantity(resources?.limits?.['cpu']))
  if (limits.every(Number.isNaN)) return []
  const isGuaranteed = containers.every(({ resources: { requests, limits } = {} }) =>
    ['cpu', 'memory'].every(what => readQuantity(requests?.[what]) === readQuantity(limits?.[what]))
  )
  return [
    !(isGuaranteed && limits.some(Number.isInteger)) &&
      'a CPU limit that pins nothing: requests = limits in all containers, and a whole number, or none'
  ]
}

/** Whether two pods of a workload are never on one node. */
const isApart = ({ pod: { affinity = {} }, labels }: Workload): boolean =>
  (affinity.podAntiAffinity?.requiredDuringSchedulingIgnoredDuringExecution ?? []).some(
    ({ topologyKey, labelSelector = {} }) =>
      topologyKey === HOST && !isEmptySelector(labelSelector) && doesSelect(labelSelector, labels)
  )

/** Rules of where pods run. */
export const placingRules: readonly Rule[] = [
  {
    id: 'C1',
    demands: 'where nodes have pools, each workload is of its own: core, edge or batch',
    check: poolFaults
  },
  {
    id: 'C2',
    demands: 'only the batch pool tolerates spot nodes',
    check: ofWorkloads(workload => [
      POOLS[roleOf(workload)] !== 'batch' &&
        workload.pod.tolerations?.some(({ key }) => key === undefined || key === SPOT) &&
        'it tolerates spot nodes'
    ])
  },
  {
    id: 'C3',
    demands: 'a CPU limit is there to pin CPUs, or not at all',
    check: ofWorkloads(pinFaults)
  },
  {
    id: 'spread',
    demands: 'several pods are spread over nodes',
    check: ofWorkloads((workload, resources) => [
      leastPodsOf(workload, resources) > 1 &&
        !workload.pod.topologySpreadConstraints?.some(({ topologyKey }) => topologyKey === HOST) &&
        'nothing spreads it over nodes'
    ])
  },
  {
    id: 'apart',
    demands: 'two servers of the broker are never on one node',
    check: ofWorkloads(workload => [
      workload.resource.kind === 'StatefulSet' &&
        (workload.resource.spec?.replicas ?? 1) > 1 &&
        !isApart(workload) &&
        `no podAntiAffinity is required over ${HOST}: one node that is lost takes several: add nats-cluster-3`
    ])
  },
  {
    id: 'parallel',
    demands: 'servers of the broker start together',
    check: ofWorkloads(({ resource: { kind, spec } }) => [
      kind === 'StatefulSet' &&
        spec?.podManagementPolicy !== 'Parallel' &&
        'podManagementPolicy is not Parallel'
    ])
  }
]
