import { readQuantity } from '../quantity.ts'
import {
  doesSelect,
  type MetricTarget,
  type Resource,
  roleOf,
  type Workload,
  workloadsOf
} from '../resource.ts'
import { leastPodsOf, scalersOf } from '../scalers.ts'
import { type Finding, ofKinds, ofWorkloads, type Rule } from './rule.ts'

/** What one pod of each role cannot carry alone, where a place has more than one server of the broker. */
const SCALED: ReadonlySet<string> = new Set(['gateway', 'api'])

/** A place on one machine: one of each, nothing that stays up while a pod is replaced. */
const isSingle = (resources: readonly Resource[]): boolean =>
  workloadsOf(resources).every(
    ({ resource }) => resource.kind !== 'StatefulSet' || (resource.spec?.replicas ?? 1) === 1
  )

const budgetsOf = ({ labels }: Workload, resources: readonly Resource[]): Resource[] =>
  resources.filter(({ kind, spec }) => kind === 'PodDisruptionBudget' && doesSelect(spec?.selector, labels))

const memoryTargetOf = ({ spec }: Resource): number =>
  spec?.metrics?.find(({ resource }) => resource?.name === 'memory')?.resource?.target.averageUtilization ??
  Number(spec?.triggers?.find(({ type }) => type === 'memory')?.metadata['value'] ?? Number.NaN)

/** A budget that counts the pods of several workloads lets all of one go where the others are up. */
function sharedBudgetFaults(resources: readonly Resource[]): Finding[] {
  const workloads = workloadsOf(resources)
  return ofKinds(['PodDisruptionBudget'], ({ spec }) => {
    const names = workloads
      .filter(({ labels }) => doesSelect(spec?.selector, labels))
      .map(({ resource }) => resource.metadata.name)
    return [
      names.length > 1 &&
        `spec.selector counts the pods of ${names.join(' and ')} together: one budget for each`
    ]
  })(resources)
}

/** Share of a request, in percent, or cores of a process that has one, at which an autoscaler would start more pods too late or never. */
const MOST_PERCENT = 100
const MOST_CORES = 1

const lateTarget = (what: string, { averageUtilization, averageValue }: MetricTarget): string | false =>
  ((averageUtilization ?? 0) > MOST_PERCENT &&
    `${what} is kept at ${averageUtilization} % of the request: ${MOST_PERCENT} % at most`) ||
  (what === 'cpu' &&
    readQuantity(averageValue) >= MOST_CORES &&
    `cpu is kept at ${averageValue} of the ${MOST_CORES} that a process can take: less`)

/** What each metric of an autoscaler is kept at. */
const targetsOf = ({ spec }: Resource): (readonly [what: string, target: MetricTarget])[] => [
  ...(spec?.metrics ?? [])
    .flatMap(({ resource, containerResource }) => resource ?? containerResource ?? [])
    .map(({ name, target }) => [name, target] as const),
  ...(spec?.triggers ?? []).map(({ type, metricType, metadata: { value } }) => {
    const isShare = ['cpu', 'memory'].includes(type) && metricType !== 'AverageValue'
    return [type, isShare ? { averageUtilization: Number(value) } : { averageValue: value }] as const
  })
]

function stallFaults({ spec }: Resource): (string | false)[] {
  const { type, rollingUpdate } = spec?.updateStrategy ?? {}
  return [
    spec?.paused === true && 'spec.paused: a change reaches no pod: take it out',
    spec?.suspend === true && 'spec.suspend: it never runs: take it out',
    type === 'OnDelete' && 'spec.updateStrategy OnDelete: a change waits for somebody: RollingUpdate',
    (rollingUpdate?.partition ?? 0) > 0 &&
      'spec.updateStrategy.rollingUpdate.partition: a change reaches some pods only: take it out'
  ]
}

function budgetFaults(workload: Workload, resources: readonly Resource[]): (string | false)[] {
  const budgets = budgetsOf(workload, resources)
  const pods = leastPodsOf(workload, resources)
  return [
    pods > 1 && budgets.length !== 1 && `${pods} pods and ${budgets.length} disruption budgets`,
    pods === 1 && budgets.length > 0 && 'a disruption budget over a single pod',
    ...budgets.map(
      ({ spec }) =>
        (spec?.maxUnavailable !== 1 || spec.minAvailable !== undefined) &&
        'its disruption budget is not maxUnavailable: 1'
    )
  ]
}

/** Which role is scaled by what [specs: T13]. */
function scaledRoleFaults(workload: Workload, resources: readonly Resource[]): (string | false)[] {
  const { resource } = workload
  const role = roleOf(workload)
  const isScaled = scalersOf(resources).some(({ target }) => target === resource.metadata.name)
  return [
    SCALED.has(role) && !isScaled && !isSingle(resources) && 'nothing scales it',
    !SCALED.has(role) && isScaled && `a ${role} is not scaled`,
    role === 'producer' && resource.spec?.replicas !== 1 && 'a producer has one pod',
    role === 'commander' &&
      resource.spec?.replicas !== (isSingle(resources) ? 1 : 2) &&
      'not the fixed number of commanders'
  ]
}

function scalerFaults(resources: readonly Resource[]): Finding[] {
  const scalers = scalersOf(resources)
  return scalers.flatMap(({ resource, target }) => {
    const workload = resources.find(({ kind, metadata }) => kind === 'Deployment' && metadata.name === target)
    const isTwice = scalers.filter(other => other.target === target).length > 1
    return [
      ...(workload?.spec?.replicas === undefined
        ? []
        : [[workload, 'it has replicas, and is scaled'] as const]),
      ...(isTwice ? [[resource, `more than one scales ${target}`] as const] : [])
    ]
  })
}

/** Rules of numbers of pods: who is scaled by what, and how many may be missing at a time. */
export const scalingRules: readonly Rule[] = [
  {
    id: 'R2',
    demands: 'an autoscaler keeps two pods or more, and memory at half of the request',
    check: ofKinds(['HorizontalPodAutoscaler', 'ScaledObject'], resource => [
      !((resource.spec?.minReplicas ?? resource.spec?.minReplicaCount ?? 0) >= 2) && 'fewer than two pods',
      memoryTargetOf(resource) !== 50 && 'memory is not kept at 50 % of the request'
    ])
  },
  {
    id: 'R3',
    demands: 'one budget of one pod over each workload with several, none over a single pod',
    check: resources => [...ofWorkloads(budgetFaults)(resources), ...sharedBudgetFaults(resources)]
  },
  {
    id: 'R4',
    demands: 'a rollout starts a pod before it ends one',
    check: ofKinds(['Deployment'], ({ spec }) => {
      const { type, rollingUpdate } = spec?.strategy ?? {}
      return [
        (type !== 'RollingUpdate' || rollingUpdate?.maxUnavailable !== 0 || rollingUpdate.maxSurge !== 1) &&
          'its rollout is not maxUnavailable 0, maxSurge 1'
      ]
    })
  },
  {
    id: 'rollout',
    demands: 'a change reaches every pod by itself',
    check: ofKinds(['Deployment', 'StatefulSet', 'DaemonSet', 'Job', 'CronJob'], stallFaults)
  },
  {
    id: 'targets',
    demands: 'an autoscaler acts before its pods are full',
    check: ofKinds(['HorizontalPodAutoscaler', 'ScaledObject'], resource =>
      targetsOf(resource).map(([what, target]) => lateTarget(what, target))
    )
  },
  {
    id: 'T13',
    demands: 'gateway and api are scaled; producers have one pod, commanders a fixed number',
    check: ofWorkloads(scaledRoleFaults)
  },
  {
    id: 'one-scaler',
    demands: 'what is scaled has no replicas of its own, and one autoscaler',
    check: scalerFaults
  },
  {
    id: 'A7',
    demands: 'rates of scaling are set on purpose',
    check: ofKinds(['ScaledObject'], ({ spec }) => [
      !((spec?.pollingInterval ?? Number.POSITIVE_INFINITY) <= 30) && 'it polls less than every 30 s'
    ])
  }
]
