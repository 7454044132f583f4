import { IMAGES } from '../../images/image-table.ts'
import type { Container, Resource } from '../resource.ts'

const OURS = [...IMAGES.keys()].map(name => new RegExp(`(^|[/-])${name}([:@]|$)`))

/** Whether a container runs a process of ours: by the image's own name, whatever registry and path a site has for it. */
export const isOurs = ({ image = '' }: Container): boolean => OURS.some(name => name.test(image))

/** The value that a container itself has for a setting. */
export const settingOf = ({ env = [] }: Container, name: string): string | undefined =>
  env.find(setting => setting.name === name)?.value

/** The value of a setting as the process gets it: of the container itself, else of the last ConfigMap that has it. */
export function settingIn(
  { env = [], envFrom = [] }: Container,
  name: string,
  resources: readonly Resource[]
): string | undefined {
  const valueIn = (configMap: string | undefined, key: string): string | undefined =>
    resources.find(({ kind, metadata }) => kind === 'ConfigMap' && metadata.name === configMap)?.data?.[key]
  const own = env.findLast(setting => setting.name === name)
  const { name: configMap, key = '' } = own?.valueFrom?.configMapKeyRef ?? {}
  if (own !== undefined) return own.value ?? valueIn(configMap, key)
  return envFrom
    .map(({ configMapRef }) => valueIn(configMapRef?.name, name))
    .findLast(value => value !== undefined)
}
