import type { Resource } from '../../resource.ts'
import { type Breaking, containerOf, deployment, podOf, remove, specOf } from './breaking.ts'

/** The label by which pods are chosen. */
const NAME = 'app.kubernetes.io/name'

const scaledObject = (name: string): Resource => ({
  apiVersion: 'keda.sh/v1alpha1',
  kind: 'ScaledObject',
  metadata: { name, namespace: 'meridian' },
  spec: {
    scaleTargetRef: { name },
    minReplicaCount: 2,
    pollingInterval: 15,
    triggers: [{ type: 'memory', metadata: { value: '50' } }]
  }
})

/** Broken objects of the rules of numbers of pods, and where they run. */
export const brokenScaling: readonly Breaking[] = [
  [
    'R2',
    'one gateway is enough',
    all => {
      specOf(all, 'HorizontalPodAutoscaler', 'gateway').minReplicas = 1
    }
  ],
  [
    'R2',
    'memory may fill the request',
    all => {
      const [, memory] = specOf(all, 'HorizontalPodAutoscaler', 'gateway').metrics ?? []
      if (memory?.resource) memory.resource.target.averageUtilization = 80
    }
  ],
  ['R3', 'the budget of the gateway is gone', all => remove(all, 'PodDisruptionBudget', 'gateway')],
  [
    'R3',
    'a budget that lets nobody go',
    all => {
      specOf(all, 'PodDisruptionBudget', 'gateway').maxUnavailable = 0
    }
  ],
  [
    'R3',
    'a budget over a single pod',
    all => {
      deployment(all, 'commander').replicas = 1
    }
  ],
  [
    'R4',
    'a rollout ends a pod first',
    all => {
      deployment(all).strategy = { type: 'Recreate' }
    }
  ],
  ['T13', 'nothing scales the gateway', all => remove(all, 'HorizontalPodAutoscaler', 'gateway')],
  [
    'T13',
    'a producer has two pods',
    all => {
      deployment(all, 'producer').replicas = 2
    }
  ],
  ['T13', 'KEDA scales the commander', all => all.push(scaledObject('commander'))],
  [
    'one-scaler',
    'what is scaled has replicas',
    all => {
      deployment(all).replicas = 3
    }
  ],
  ['one-scaler', 'an HPA and KEDA', all => all.push(scaledObject('gateway'))],
  [
    'A7',
    'KEDA asks when it pleases',
    all => {
      const scaler = scaledObject('gateway')
      if (scaler.spec) delete scaler.spec.pollingInterval
      all.push(scaler)
    }
  ],
  [
    'R3',
    'one budget over two workloads',
    all => {
      const selector = { matchExpressions: [{ key: NAME, operator: 'In', values: ['gateway', 'api'] }] }
      specOf(all, 'PodDisruptionBudget', 'gateway').selector = selector
      remove(all, 'PodDisruptionBudget', 'api')
    },
    /^PodDisruptionBudget\/gateway: spec\.selector counts the pods of api and gateway together/
  ],
  [
    'rollout',
    'a Deployment that waits for somebody',
    all => {
      deployment(all).paused = true
    },
    /^Deployment\/gateway: spec\.paused/
  ],
  [
    'rollout',
    'servers that change when somebody deletes their pods',
    all => {
      specOf(all, 'StatefulSet', 'nats').updateStrategy = { type: 'OnDelete' }
    },
    /^StatefulSet\/nats: spec\.updateStrategy OnDelete/
  ],
  [
    'rollout',
    'one server that stays as it was',
    all => {
      specOf(all, 'StatefulSet', 'nats').updateStrategy = { rollingUpdate: { partition: 1 } }
    },
    /rollingUpdate\.partition/
  ],
  [
    'rollout',
    'a streams step that never runs',
    all => {
      specOf(all, 'Job', 'streams').suspend = true
    },
    /^Job\/streams: spec\.suspend/
  ],
  [
    'targets',
    'five times what a gateway requests',
    all => {
      specOf(all, 'HorizontalPodAutoscaler', 'gateway').metrics?.push({
        type: 'Resource',
        resource: { name: 'cpu', target: { averageUtilization: 500 } }
      })
    },
    /^HorizontalPodAutoscaler\/gateway: cpu is kept at 500 % of the request: 100 % at most$/
  ],
  [
    'targets',
    'more cores than a process can take',
    all => {
      const [cpu] = specOf(all, 'HorizontalPodAutoscaler', 'api').metrics ?? []
      if (cpu?.containerResource) cpu.containerResource.target.averageValue = '2'
    },
    /^HorizontalPodAutoscaler\/api: cpu is kept at 2 of the 1/
  ],
  [
    'targets',
    'KEDA waits for five times what a gateway requests',
    all => {
      const scaler = scaledObject('gateway')
      scaler.spec?.triggers?.push({ type: 'cpu', metadata: { value: '500' } })
      all.push(scaler)
    },
    /^ScaledObject\/gateway: cpu is kept at 500 %/
  ],
  [
    'C1',
    'one pod has a pool',
    all => {
      podOf(all).nodeSelector = { 'meridian.observatory/pool': 'edge' }
    }
  ],
  [
    'C2',
    'the broker on a spot node',
    all => {
      podOf(all, 'nats', 'StatefulSet').tolerations = [{ operator: 'Exists' }]
    }
  ],
  [
    'C3',
    'a CPU limit that throttles',
    all => {
      containerOf(all).resources = {
        requests: { cpu: '200m', memory: '768Mi' },
        limits: { cpu: '1', memory: '1536Mi' }
      }
    }
  ],
  [
    'spread',
    'gateways may share a node',
    all => {
      delete podOf(all).topologySpreadConstraints
    }
  ],
  [
    'parallel',
    'servers start one by one',
    all => {
      specOf(all, 'StatefulSet', 'nats').podManagementPolicy = 'OrderedReady'
    }
  ],
  [
    'apart',
    'three servers may share a node',
    all => {
      delete podOf(all, 'nats', 'StatefulSet').affinity
    },
    /^StatefulSet\/nats: no podAntiAffinity is required over kubernetes\.io\/hostname/
  ],
  [
    'apart',
    'servers that keep away from others than their like',
    all => {
      const [term] =
        podOf(all, 'nats', 'StatefulSet').affinity?.podAntiAffinity
          ?.requiredDuringSchedulingIgnoredDuringExecution ?? []
      Object.assign(term ?? {}, { labelSelector: { matchLabels: { [NAME]: 'gateway' } } })
    },
    /^StatefulSet\/nats: no podAntiAffinity/
  ]
]
