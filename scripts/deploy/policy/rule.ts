import { containersOf, type Resource, titleOf, type Workload, workloadsOf } from '../resource.ts'

/** What is wrong with one object. */
export interface Fault {
  /** Kind and name. */
  readonly object: string
  /** Id of the rule that it breaks. */
  readonly rule: string
  readonly what: string
}

/** A rule that every rendering obeys. */
export interface Rule {
  readonly id: string
  /** What it demands, in one sentence. */
  readonly demands: string
  /** What breaks it. */
  check(resources: readonly Resource[]): Finding[]
}

/** An object, and what is wrong with it. */
export type Finding = readonly [resource: Resource, what: string]

type Container = ReturnType<typeof containersOf>[number]

/** Checks each workload: whatever `check` returns is wrong with it. */
export const ofWorkloads =
  (check: (workload: Workload, resources: readonly Resource[]) => readonly (string | false | undefined)[]) =>
  (resources: readonly Resource[]): Finding[] =>
    workloadsOf(resources).flatMap(workload =>
      check(workload, resources).flatMap(what => (what ? [[workload.resource, what] as const] : []))
    )

/** Checks each container of each workload. */
export const ofContainers = (
  check: (
    container: Container,
    workload: Workload,
    resources: readonly Resource[]
  ) => readonly (string | false | undefined)[]
) =>
  ofWorkloads((workload, resources) =>
    containersOf(workload.pod).flatMap(container =>
      check(container, workload, resources).map(what => what && `container ${container.name}: ${what}`)
    )
  )

/** Checks each object of some kinds. */
export const ofKinds =
  (kinds: readonly string[], check: (resource: Resource) => readonly (string | false | undefined)[]) =>
  (resources: readonly Resource[]): Finding[] =>
    resources
      .filter(({ kind }) => kinds.includes(kind))
      .flatMap(resource => check(resource).flatMap(what => (what ? [[resource, what] as const] : [])))

/** The faults of a rendering, in the order of the rules. */
export const faultsOf = (resources: readonly Resource[], rules: readonly Rule[]): Fault[] =>
  rules.flatMap(({ id, check }) =>
    check(resources).map(([resource, what]) => ({ object: titleOf(resource), rule: id, what }))
  )
