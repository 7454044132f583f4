import type { Container, PodSpec, Resource } from '../resource.ts'
import { type Finding, ofContainers, ofKinds, ofWorkloads, type Rule } from './rule.ts'

type Volume = NonNullable<PodSpec['volumes']>[number]

/** Kinds of volumes that a pod of Pod Security `restricted` may have [kubernetes.io/docs/concepts/security/pod-security-standards]. */
const VOLUMES: ReadonlySet<string> = new Set([
  'configMap',
  'csi',
  'downwardAPI',
  'emptyDir',
  'ephemeral',
  'persistentVolumeClaim',
  'projected',
  'secret'
])

function volumeFaults({ name, ...volume }: Volume): (string | false)[] {
  const { emptyDir } = volume
  return [
    ...Object.keys(volume)
      .filter(kind => !VOLUMES.has(kind))
      .map(kind => `volume ${name} is of the node or of others, by ${kind}: take another kind`),
    emptyDir !== undefined && emptyDir.sizeLimit === undefined && `volume ${name} has no size limit`
  ]
}

function rightsFaults({ securityContext: { capabilities, ...rights } = {} }: Container): (string | false)[] {
  return [
    !capabilities?.drop?.includes('ALL') && 'capabilities are not dropped',
    capabilities?.add !== undefined && 'capabilities are added',
    (rights.allowPrivilegeEscalation !== false || rights.privileged === true) &&
      'it may get more rights than it started with',
    (rights.procMount ?? 'Default') !== 'Default' && 'securityContext.procMount shows it /proc of the node'
  ]
}

/** Who has a token for the API of Kubernetes, by whichever way. */
const tokenFaults = (resources: readonly Resource[]): Finding[] => [
  ...ofWorkloads(({ pod: { automountServiceAccountToken, volumes = [] } }) => [
    automountServiceAccountToken !== false && 'a token is mounted',
    ...volumes.map(
      ({ name, projected }) =>
        projected?.sources?.some(({ serviceAccountToken }) => serviceAccountToken !== undefined) &&
        `volume ${name} is a token: take projected.sources.serviceAccountToken out`
    )
  ])(resources),
  ...ofKinds(['ServiceAccount'], ({ automountServiceAccountToken }) => [
    automountServiceAccountToken !== false && 'automountServiceAccountToken is not false'
  ])(resources),
  ...ofKinds(['Secret'], ({ type }) => [
    type === 'kubernetes.io/service-account-token' && 'it is a token that never ends: take it out'
  ])(resources)
]

/** Rules of what a pod may do on its node and in its cluster: what Pod Security `restricted` asks, and more. */
export const restrictedRules: readonly Rule[] = [
  {
    id: 'non-root',
    demands: 'no pod and no container runs as root',
    check: resources => [
      ...ofWorkloads(({ pod: { securityContext = {} } }) => [
        securityContext.runAsNonRoot !== true && 'runAsNonRoot is not set',
        !((securityContext.runAsUser ?? 0) > 0) && 'runAsUser is no number above 0'
      ])(resources),
      ...ofContainers(({ securityContext: { runAsUser = 1, runAsNonRoot = true } = {} }) => [
        !(runAsUser > 0) && 'its own runAsUser is no number above 0',
        !runAsNonRoot && 'its own runAsNonRoot is false'
      ])(resources)
    ]
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
    check: ofContainers(rightsFaults)
  },
  {
    id: 'seccomp',
    demands: "the runtime's filter of system calls",
    check: resources => [
      ...ofWorkloads(({ pod }) => [
        pod.securityContext?.seccompProfile?.type !== 'RuntimeDefault' && 'seccomp is not RuntimeDefault'
      ])(resources),
      ...ofContainers(({ securityContext }) => [
        (securityContext?.seccompProfile?.type ?? 'RuntimeDefault') !== 'RuntimeDefault' &&
          'its own seccompProfile is not RuntimeDefault'
      ])(resources)
    ]
  },
  { id: 'no-token', demands: 'nobody has a token for the API of Kubernetes', check: tokenFaults },
  {
    id: 'no-host',
    demands: 'no pod has a part of its node, and what it writes there is bounded',
    check: resources => [
      ...ofWorkloads(({ pod: { volumes = [], hostNetwork, hostPID, hostIPC } }) => [
        (hostNetwork || hostPID || hostIPC) && "it shares its node's network or processes",
        ...volumes.flatMap(volumeFaults)
      ])(resources),
      ...ofContainers(({ ports = [] }) =>
        ports.map(
          ({ hostPort = 0 }) => hostPort !== 0 && `hostPort ${hostPort} is a port of the node: take it out`
        )
      )(resources)
    ]
  }
]
