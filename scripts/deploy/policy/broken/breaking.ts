import type { Container, PodSpec, Resource, Spec } from '../../resource.ts'
import { pick } from '../test-rendering.ts'

/** A rule, what is wrong in words, how a good rendering is broken, and what is told then: `kind/name: what`. */
export type Breaking = readonly [rule: string, what: string, change: (all: Resource[]) => void, told?: RegExp]

/** The spec of an object; throws where there is none. */
export const specOf = (all: Resource[], kind: string, name: string): Spec => {
  const { spec } = pick(all, kind, name)
  if (spec === undefined) throw new Error(`${kind}/${name} has no spec`)
  return spec
}

/** The spec of a Deployment, by default that of the gateway. */
export const deployment = (all: Resource[], name = 'gateway'): Spec => specOf(all, 'Deployment', name)

/** The pod of a workload, by default that of the gateway. */
export function podOf(all: Resource[], name = 'gateway', kind = 'Deployment'): PodSpec {
  const pod = specOf(all, kind, name).template?.spec
  if (pod === undefined) throw new Error(`${kind}/${name} has no pod`)
  return pod
}

/** The first container of a workload, by default that of the gateway. */
export function containerOf(all: Resource[], name = 'gateway', kind = 'Deployment'): Container {
  const [container] = podOf(all, name, kind).containers
  if (container === undefined) throw new Error(`${kind}/${name} has no container`)
  return container
}

/** Takes an object out. */
export const remove = (all: Resource[], kind: string, name: string): void => {
  all.splice(all.indexOf(pick(all, kind, name)), 1)
}

/** Puts an object in, `v1` where nothing else is said. */
export const add = (
  all: Resource[],
  kind: string,
  name: string,
  rest: Partial<Omit<Resource, 'kind' | 'metadata'>>
): void => {
  all.push({ apiVersion: 'v1', ...rest, kind, metadata: { name, namespace: 'meridian' } })
}

/** Changes the value of a setting that a container has. */
export const setting = (container: Container, name: string, value: string): void => {
  for (const entry of container.env ?? []) if (entry.name === name) entry.value = value
}

/** Adds lines to the nats.conf. */
export function addToConf(all: Resource[], text: string): void {
  const conf = pick(all, 'ConfigMap', 'nats-conf')
  conf.data = { 'nats.conf': `${conf.data?.['nats.conf']}${text}` }
}

/** Mounts something into a container. */
export const mountInto = (container: Container, mountPath: string): void => {
  container.volumeMounts?.push({ name: 'more', mountPath })
}
