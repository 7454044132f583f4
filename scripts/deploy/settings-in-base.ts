import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { root } from '../root.ts'
import { containersOf, readResources, workloadsOf } from './resource.ts'

/**
 * The settings of a service in its Deployment of the base, which every overlay has, by name; `undefined` where the
 * value comes from a ConfigMap or from the pod.
 */
export function settingsInBase(service: string): ReadonlyMap<string, string | undefined> {
  const text = readFileSync(join(root, 'deploy/base', service, 'deployment.yaml'), 'utf8')
  const containers = workloadsOf(readResources(text)).flatMap(({ pod }) => containersOf(pod))
  return new Map(containers.flatMap(({ env = [] }) => env.map(({ name, value }) => [name, value] as const)))
}
