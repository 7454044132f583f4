import type { Spec } from '../../resource.ts'
import { pick } from '../test-rendering.ts'
import { add, type Breaking, containerOf, podOf } from './breaking.ts'

/** Broken objects of the rules of what a pod may do. */
export const brokenRights: readonly Breaking[] = [
  [
    'non-root',
    'it may be root',
    all => {
      podOf(all).securityContext = { runAsNonRoot: true }
    }
  ],
  [
    'read-only-root',
    'it writes into its image',
    all => {
      containerOf(all).securityContext = { capabilities: { drop: ['ALL'] } }
    }
  ],
  [
    'capabilities',
    'it keeps a capability',
    all => {
      containerOf(all).securityContext = { capabilities: { drop: ['ALL'], add: ['NET_ADMIN'] } }
    }
  ],
  [
    'seccomp',
    'no filter of system calls',
    all => {
      podOf(all).securityContext = { runAsNonRoot: true, runAsUser: 1 }
    }
  ],
  [
    'no-token',
    'a token is mounted',
    all => {
      delete podOf(all).automountServiceAccountToken
    }
  ],
  [
    'no-host',
    'a folder of the node',
    all => {
      podOf(all).volumes?.push({ name: 'node', hostPath: {} })
    }
  ],
  [
    'no-host',
    'it may fill the disk',
    all => {
      podOf(all).volumes?.push({ name: 'much', emptyDir: {} })
    }
  ],
  [
    'non-root',
    'a container is root',
    all => {
      Object.assign(containerOf(all).securityContext ?? {}, { runAsUser: 0 })
    },
    /^Deployment\/gateway: container gateway: its own runAsUser is no number above 0$/
  ],
  [
    'non-root',
    'a container may be root',
    all => {
      Object.assign(containerOf(all).securityContext ?? {}, { runAsNonRoot: false })
    },
    /container gateway: its own runAsNonRoot is false/
  ],
  [
    'seccomp',
    'a container goes round the filter of its pod',
    all => {
      Object.assign(containerOf(all).securityContext ?? {}, { seccompProfile: { type: 'Unconfined' } })
    },
    /container gateway: its own seccompProfile/
  ],
  [
    'capabilities',
    'it sees /proc of the node',
    all => {
      Object.assign(containerOf(all).securityContext ?? {}, { procMount: 'Unmasked' })
    },
    /procMount/
  ],
  [
    'no-token',
    'a token comes by a projected volume',
    all => {
      podOf(all).volumes?.push({ name: 'kube', projected: { sources: [{ serviceAccountToken: {} }] } })
    },
    /^Deployment\/gateway: volume kube is a token/
  ],
  [
    'no-token',
    'an account hands its token out',
    all => {
      delete pick(all, 'ServiceAccount', 'gateway').automountServiceAccountToken
    },
    /^ServiceAccount\/gateway: automountServiceAccountToken is not false$/
  ],
  [
    'no-token',
    'a token that never ends',
    all => add(all, 'Secret', 'forever', { type: 'kubernetes.io/service-account-token' }),
    /^Secret\/forever: it is a token that never ends/
  ],
  [
    'no-host',
    'a port of the node',
    all => {
      containerOf(all).ports = [{ name: 'http', containerPort: 8080, hostPort: 80 }]
    },
    /^Deployment\/gateway: container gateway: hostPort 80 is a port of the node/
  ],
  [
    'no-host',
    'a volume of another machine',
    all => {
      podOf(all).volumes?.push(Object.assign({ name: 'far' }, { nfs: { server: 'files', path: '/' } }))
    },
    /volume far is of the node or of others, by nfs/
  ],
  [
    'read-only-root',
    'what runs every night writes into its image',
    all => {
      const job = structuredClone(podOf(all, 'streams', 'Job'))
      delete job.containers[0]?.securityContext?.readOnlyRootFilesystem
      add(all, 'CronJob', 'nightly', { spec: { jobTemplate: { spec: { template: { spec: job } } } } })
    },
    /^CronJob\/nightly: container streams: its root file system may be written$/
  ],
  [
    'no-host',
    'a pod by itself shares its node',
    all => {
      const pod = { ...podOf(all, 'streams', 'Job'), hostNetwork: true }
      add(all, 'Pod', 'alone', { spec: pod as Spec })
    },
    /^Pod\/alone: it shares its node's network or processes$/
  ],
  [
    'capabilities',
    'a Job keeps its capabilities',
    all => {
      delete containerOf(all, 'streams', 'Job').securityContext
    },
    /^Job\/streams: container streams: capabilities are not dropped$/
  ]
]
