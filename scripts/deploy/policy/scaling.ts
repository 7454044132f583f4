import { doesSelect, type Resource, roleOf, type Workload, workloadsOf } from '../resource.ts'
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
    check: ofWorkloads(budgetFaults)
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
