import { containersOf, type Resource, workloadsOf } from '../resource.ts'
import { type Finding, ofContainers, ofKinds, type Rule } from './rule.ts'

/** Kinds of ours that belong to no namespace: none. */
const PLACE_LABELS = ['meridian.observatory/place', 'app.kubernetes.io/part-of']
const STICKY = /affinity|sticky|session-cookie|upstream-hash-by/i

function namespaceFaults(resources: readonly Resource[]): Finding[] {
  const [first] = resources.flatMap(({ metadata }) => metadata.namespace ?? [])
  return resources
    .filter(({ metadata }) => metadata.namespace === undefined || metadata.namespace !== first)
    .map(resource => [resource, `its namespace is not ${first ?? 'set'}`] as const)
}

/** The text of an object, for words that stand anywhere in it. */
const textOf = (resource: Resource): string => JSON.stringify(resource)

/** A fixed name is read anew by the reloader; a name with a hash rolls the pods. One of them. */
function natsConfFaults(resources: readonly Resource[]): Finding[] {
  return workloadsOf(resources).flatMap(({ resource, pod }) => {
    const conf = pod.volumes?.find(({ configMap }) => configMap?.name.startsWith('nats-conf'))
    if (conf === undefined) return []
    const hasReloader = containersOf(pod).some(({ image = '' }) => image.includes('config-reloader'))
    const isFixed = conf.configMap?.name === 'nats-conf'
    if (hasReloader === isFixed) return []
    return [
      [resource, isFixed ? 'nobody reads a changed nats.conf' : 'a changed nats.conf rolls it'] as const
    ]
  })
}

/** Rules of a rendering as a whole: names, words, images, and that nobody is bound to one pod. */
export const wholeRules: readonly Rule[] = [
  {
    id: 'R7',
    demands: 'no client is bound to a pod',
    check: ofKinds(['Service', 'Ingress', 'HTTPRoute', 'BackendTrafficPolicy'], ({ metadata, spec }) => [
      (spec?.sessionAffinity ?? 'None') !== 'None' && 'sessionAffinity is not None',
      ...Object.keys(metadata.annotations ?? {}).map(name => STICKY.test(name) && `annotation ${name}`),
      spec?.rules?.some(({ sessionPersistence }) => sessionPersistence !== undefined) && 'sessionPersistence',
      spec?.loadBalancer?.type === 'ConsistentHash' && 'a load balancer that hashes'
    ])
  },
  {
    id: 'C4',
    demands: 'nothing is left to be filled in by hand',
    check: resources =>
      resources.flatMap(resource => {
        const [word] = /\b(TODO|FIXME|CHANGEME|REPLACE_ME)\b/.exec(textOf(resource)) ?? []
        return word === undefined ? [] : [[resource, `it says ${word}`] as const]
      })
  },
  { id: 'namespace', demands: 'every object is in the one namespace', check: namespaceFaults },
  {
    id: 'selectors',
    demands: 'selectors, which cannot be changed, do not have the labels of a place',
    check: ofKinds(['Deployment', 'StatefulSet', 'Service', 'PodDisruptionBudget'], ({ spec }) =>
      PLACE_LABELS.map(
        label =>
          (spec?.selector?.[label] ?? spec?.selector?.matchLabels?.[label]) !== undefined &&
          `its selector has ${label}`
      )
    )
  },
  {
    id: 'images',
    demands: 'an image has a digest or a tag that stays',
    check: ofContainers(({ image = '' }) => [
      !/(@sha256:[0-9a-f]{64}|:[\w][\w.-]*)$/.test(image) && `image ${image} has no tag`,
      /:latest$/.test(image) && `image ${image} is whatever is the latest`
    ])
  },
  {
    id: 'nats-conf',
    demands: 'a changed nats.conf is read by the reloader or rolls the pods, never both and never neither',
    check: natsConfFaults
  },
  {
    id: 'long-connections',
    demands: 'an Ingress keeps a connection without data for an hour',
    check: ofKinds(['Ingress'], ({ metadata: { annotations = {} }, spec }) => [
      Object.hasOwn(annotations, 'nginx.ingress.kubernetes.io/proxy-body-size') &&
        !(Number(annotations['nginx.ingress.kubernetes.io/proxy-read-timeout']) >= 3600) &&
        'its read timeout is below 3600 s',
      spec?.rules?.some(({ host }) => host === undefined || host === 'local') && 'it has no host'
    ])
  }
]

/** What a release demands besides: only what was pulled and tried. */
export const releaseRules: readonly Rule[] = [
  {
    id: 'digests',
    demands: 'an image is named by its digest',
    check: ofContainers(({ image = '' }) => [
      !/@sha256:[0-9a-f]{64}$/.test(image) && `image ${image} has no digest`
    ])
  }
]
