import type { Resource, Workload } from './resource.ts'

/** What changes the number of pods of a Deployment. */
export interface Scaler {
  readonly resource: Resource
  /** Name of its Deployment. */
  readonly target: string
  readonly min: number | undefined
}

/** The autoscalers among some objects: HPAs and ScaledObjects. */
export const scalersOf = (resources: readonly Resource[]): Scaler[] =>
  resources.flatMap(resource => {
    const { scaleTargetRef, minReplicas, minReplicaCount } = resource.spec ?? {}
    if (!SCALERS.has(resource.kind) || scaleTargetRef === undefined) return []
    return [{ resource, target: scaleTargetRef.name, min: minReplicas ?? minReplicaCount }]
  })

const SCALERS: ReadonlySet<string> = new Set(['HorizontalPodAutoscaler', 'ScaledObject'])

/** How many pods a workload has at least. */
export function leastPodsOf({ resource }: Workload, resources: readonly Resource[]): number {
  const scaler = scalersOf(resources).find(({ target }) => target === resource.metadata.name)
  return resource.kind === 'Deployment' && scaler?.min !== undefined
    ? scaler.min
    : (resource.spec?.replicas ?? 1)
}
