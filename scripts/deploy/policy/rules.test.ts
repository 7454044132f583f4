import t from 'tap'
import {
  type Container,
  containersOf,
  type PodSpec,
  type Resource,
  type Spec,
  workloadsOf
} from '../resource.ts'
import { askedRules } from './broker.ts'
import { faultsOf } from './rule.ts'
import { rules } from './rules.ts'
import { createRendering, pick } from './test-rendering.ts'
import { releaseRules } from './whole.ts'

const specOf = (all: Resource[], kind: string, name: string): Spec => {
  const { spec } = pick(all, kind, name)
  if (spec === undefined) throw new Error(`${kind}/${name} has no spec`)
  return spec
}
const deployment = (all: Resource[], name = 'gateway'): Spec => specOf(all, 'Deployment', name)
function podOf(all: Resource[], name = 'gateway', kind = 'Deployment'): PodSpec {
  const pod = specOf(all, kind, name).template?.spec
  if (pod === undefined) throw new Error(`${kind}/${name} has no pod`)
  return pod
}
function containerOf(all: Resource[], name = 'gateway', kind = 'Deployment'): Container {
  const [container] = podOf(all, name, kind).containers
  if (container === undefined) throw new Error(`${kind}/${name} has no container`)
  return container
}
const remove = (all: Resource[], kind: string, name: string): void => {
  all.splice(all.indexOf(pick(all, kind, name)), 1)
}
const setting = (container: Container, name: string, value: string): void => {
  for (const entry of container.env ?? []) if (entry.name === name) entry.value = value
}
function addToConf(all: Resource[], text: string): void {
  const conf = pick(all, 'ConfigMap', 'nats-conf')
  conf.data = { 'nats.conf': `${conf.data?.['nats.conf']}${text}` }
}
const mountInto = (container: Container, mountPath: string): void => {
  container.volumeMounts?.push({ name: 'more', mountPath })
}
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

type Breaking = readonly [rule: string, what: string, change: (all: Resource[]) => void]

/** A good rendering with one thing wrong, and the rule that must find it. */
const broken: readonly Breaking[] = [
  [
    'waves',
    'the streams step waits for settings of a later wave',
    all => {
      pick(all, 'ConfigMap', 'site-env').metadata.annotations = {}
    }
  ],
  [
    'nats-files',
    'nats.conf includes what nobody mounts',
    all => {
      addToConf(all, ' include "../nats-keys/admin.conf"')
    }
  ],
  [
    'nats-files',
    'nats.conf shows a certificate that nobody mounts',
    all => {
      addToConf(all, ' tls {\n  cert_file: /etc/nats-tls/tls.crt\n}')
    }
  ],
  [
    'nats-files',
    'the reloader, which follows a certificate, does not have it',
    all => {
      addToConf(all, 'tls {\n  cert_file: "/etc/nats-tls/tls.crt"\n}')
      mountInto(containerOf(all, 'nats', 'StatefulSet'), '/etc/nats-tls')
    }
  ],
  ['nats-trust', 'a gateway without the CA of the broker', all => addToConf(all, '\ntls {\n}')],
  [
    'nats-trust',
    'a gateway that names a CA which it does not have',
    all => {
      containerOf(all).env?.push({ name: 'NATS_CA_FILE', value: '/etc/nats-ca/ca.crt' })
    }
  ],
  ['nats-ports', 'nobody is led to the MQTT port', all => addToConf(all, '\nmqtt {\n  port: 1883\n}')],
  [
    'nats-reached',
    'no policy lets devices in',
    all => {
      addToConf(all, '\nmqtt {\n  port: 1883\n}')
      containerOf(all, 'nats', 'StatefulSet').ports?.push({ name: 'mqtt', containerPort: 1883 })
    }
  ],
  [
    'nats-reached',
    'no policy lets the broker dial another site',
    all => addToConf(all, '\nleafnodes { remotes: [ { url: "tls://usdf.example:7422" } ] }')
  ],
  [
    'nats-servers',
    'three servers that do not know of each other',
    all => {
      pick(all, 'ConfigMap', 'nats-conf').data = { 'nats.conf': 'port: 4222' }
    }
  ],
  [
    'nats-volumes',
    'three servers that forget with their pods',
    all => {
      delete specOf(all, 'StatefulSet', 'nats').volumeClaimTemplates
    }
  ],
  [
    'R1',
    'a request is missing',
    all => {
      containerOf(all).resources = { limits: { memory: '1Gi' } }
    }
  ],
  [
    'R1',
    'a container that runs first requests nothing',
    all => {
      podOf(all).initContainers = [{ name: 'first' }]
    }
  ],
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
  [
    'R6',
    'npm stands before the process',
    all => {
      containerOf(all).command = ['npm', 'start']
    }
  ],
  [
    'R7',
    'a Service binds clients',
    all => {
      specOf(all, 'Service', 'gateway').sessionAffinity = 'ClientIP'
    }
  ],
  [
    'R7',
    'an Ingress binds clients',
    all => {
      pick(all, 'Ingress', 'meridian').metadata.annotations = {
        'nginx.ingress.kubernetes.io/affinity': 'cookie'
      }
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
    'C4',
    'a word that waits for somebody',
    all => {
      pick(all, 'ConfigMap', 'site').data = { 'site.yaml': 'host: CHANGEME' }
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
    'affinity',
    "LOVE's: a template printed its root where affinity belongs",
    all => {
      podOf(all).affinity = {
        Capabilities: { KubeVersion: {} },
        Chart: { Name: 'love-producer' },
        Values: {}
      }
    }
  ],
  [
    'memory-limit',
    'a limit of three requests',
    all => {
      containerOf(all).resources = {
        requests: { cpu: '200m', memory: '512Mi' },
        limits: { memory: '1536Mi' }
      }
    }
  ],
  [
    'heap',
    'a heap as large as the limit',
    all => setting(containerOf(all), 'NODE_OPTIONS', '--max-old-space-size=1536')
  ],
  [
    'heap',
    'a heap as large as the limit, of an image from a registry of the site',
    all => {
      containerOf(all).image = 'registry.example/lsst/gateway:0.1.0'
      setting(containerOf(all), 'NODE_OPTIONS', '--max-old-space-size=1536')
    }
  ],
  [
    'probes',
    'the liveness probe asks for readiness',
    all => {
      containerOf(all).livenessProbe = { httpGet: { path: '/readyz' } }
    }
  ],
  [
    'probes',
    'the broker without a startup probe',
    all => {
      delete containerOf(all, 'nats', 'StatefulSet').startupProbe
    }
  ],
  [
    'readiness-quick',
    'ten seconds in rotation',
    all => {
      containerOf(all).readinessProbe = {
        httpGet: { path: '/readyz' },
        periodSeconds: 5,
        failureThreshold: 2
      }
    }
  ],
  [
    'drain',
    'no sleep before the end',
    all => {
      delete containerOf(all).lifecycle
    }
  ],
  [
    'drain',
    'killed while it drains',
    all => {
      podOf(all).terminationGracePeriodSeconds = 30
    }
  ],
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
    'namespace',
    "LOVE's: a key that does not exist names the namespace",
    all => {
      delete pick(all, 'Service', 'nats').metadata.namespace
    }
  ],
  [
    'selectors',
    'a label of the place in a selector',
    all => {
      deployment(all).selector = { matchLabels: { 'meridian.observatory/place': 'summit' } }
    }
  ],
  [
    'images',
    'whatever is the latest',
    all => {
      containerOf(all).image = 'meridian/gateway:latest'
    }
  ],
  [
    'images',
    'no tag',
    all => {
      containerOf(all).image = 'meridian/gateway'
    }
  ],
  [
    'nats-conf',
    'a hash beside the reloader',
    all => {
      for (const { configMap } of podOf(all, 'nats', 'StatefulSet').volumes ?? [])
        if (configMap) Object.assign(configMap, { name: 'nats-conf-abc' })
    }
  ],
  [
    'nats-conf',
    'nobody reads it',
    all => {
      podOf(all, 'nats', 'StatefulSet').containers.pop()
    }
  ],
  ['deny-all', 'what is not allowed is not denied', all => remove(all, 'NetworkPolicy', 'deny-all')],
  ['deny-all', 'a workload without a policy', all => remove(all, 'NetworkPolicy', 'commander')],
  [
    'long-connections',
    'cut after a minute',
    all => {
      pick(all, 'Ingress', 'meridian').metadata.annotations = {
        'nginx.ingress.kubernetes.io/proxy-body-size': '1m'
      }
    }
  ],
  ['references', 'a ConfigMap that is not there', all => remove(all, 'ConfigMap', 'site-env')],
  ['references', 'an Ingress to nobody', all => remove(all, 'Service', 'gateway')],
  [
    'references',
    'an autoscaler of nobody',
    all => {
      specOf(all, 'HorizontalPodAutoscaler', 'api').scaleTargetRef = { name: 'apis' }
    }
  ],
  [
    'orphans',
    'an account that nobody has',
    all => {
      delete podOf(all).serviceAccountName
    }
  ],
  [
    'selected',
    'a Service of nobody',
    all => {
      specOf(all, 'Service', 'gateway').selector = { 'app.kubernetes.io/name': 'gate' }
    }
  ],
  [
    'own-selectors',
    'a spread over other pods',
    all => {
      podOf(all).topologySpreadConstraints = [
        { topologyKey: 'kubernetes.io/hostname', labelSelector: { matchLabels: { app: 'x' } } }
      ]
    }
  ],
  [
    'ports',
    'a port that no container has',
    all => {
      specOf(all, 'Service', 'gateway').ports = [{ port: 80, targetPort: 'web' }]
    }
  ]
]

t.test('the files of the base obey every rule', async t => {
  t.same(faultsOf(createRendering(), rules), [])
})

t.test('a broker with all its ports open, certificates mounted and trusted obeys them too', async t => {
  const all = createRendering()
  const broker = containerOf(all, 'nats', 'StatefulSet')
  const policy = specOf(all, 'NetworkPolicy', 'nats')
  addToConf(all, '\ntls {\n  cert_file: "/etc/nats-tls/tls.crt"\n}\nmqtt {\n  port: 1883\n}')
  addToConf(all, '\nleafnodes {\n  port: 7422\n  remotes: [ { url: "tls://usdf.example:7422" } ]\n}')
  for (const container of podOf(all, 'nats', 'StatefulSet').containers) mountInto(container, '/etc/nats-tls')
  broker.ports?.push({ name: 'mqtt', containerPort: 1883 }, { name: 'leaf', containerPort: 7422 })
  policy.ingress?.push({ ports: [{ port: 'mqtt' }, { port: 7422 }] })
  policy.egress?.push({ ports: [{ port: 7422 }] })
  for (const { pod } of workloadsOf(all).filter(({ resource }) => resource.kind !== 'StatefulSet'))
    for (const container of containersOf(pod)) {
      container.env?.push({ name: 'NATS_CA_FILE', value: '/etc/nats-ca/ca.crt' })
      mountInto(container, '/etc/nats-ca')
    }
  all.push({
    ...{ apiVersion: 'cert-manager.io/v1', kind: 'Certificate' },
    metadata: { name: 'leaf', namespace: 'meridian' },
    spec: { issuerRef: { kind: 'ClusterIssuer', name: 'observatory' }, secretName: 'leaf-tls' }
  })
  podOf(all).volumes?.push({ name: 'leaf', secret: { secretName: 'leaf-tls' } })
  t.same(faultsOf(all, rules), [])
})

t.test('what tells the figures of a server needs no probe, and a server beside it does', async t => {
  const all = createRendering()
  const [server, reloader] = podOf(all, 'nats', 'StatefulSet').containers
  if (reloader === undefined) throw new Error('the broker has no reloader')
  reloader.ports = [{ name: 'metrics', containerPort: 7777 }]
  t.same(faultsOf(all, rules), [])
  server?.ports?.push({ name: 'metrics', containerPort: 7778 })
  delete server?.readinessProbe
  t.match(faultsOf(all, rules), [{ object: 'StatefulSet/nats', rule: 'probes' }])
})

t.test('the certificate of a device alone is left over for good', async t => {
  const certificateFor = (usages: string[]): Resource[] => [
    {
      ...{ apiVersion: 'cert-manager.io/v1', kind: 'Certificate' },
      metadata: { name: 'mqtt-dome', namespace: 'meridian' },
      spec: { issuerRef: { kind: 'ClusterIssuer', name: 'devices' }, secretName: 'mqtt-dome', usages }
    }
  ]
  t.same(faultsOf([...createRendering(), ...certificateFor(['client auth'])], rules), [])
  t.match(faultsOf([...createRendering(), ...certificateFor(['server auth', 'client auth'])], rules), [
    { object: 'Certificate/mqtt-dome', rule: 'orphans' }
  ])
})

t.test('each rule finds what breaks it', async t => {
  for (const [rule, what, change] of broken) {
    const all = createRendering()
    change(all)
    const found = faultsOf(all, rules).map(fault => fault.rule)
    t.ok(found.includes(rule), `${rule}: ${what}`)
  }
  const tried = new Set(broken.map(([rule]) => rule))
  t.same(
    rules.map(({ id }) => id).filter(id => !tried.has(id)),
    [],
    'a broken object for every rule'
  )
})

t.test('pods and servers of the broker that differ in number are told with what to change', async t => {
  const told = (change: (all: Resource[]) => void): string | undefined => {
    const all = createRendering()
    change(all)
    return faultsOf(all, rules).find(({ rule }) => rule === 'nats-servers')?.what
  }
  t.match(
    told(all => {
      pick(all, 'ConfigMap', 'nats-conf').data = { 'nats.conf': 'port: 4222' }
    }),
    /^it has 3 pods, and nats\.conf is of 1: take the component nats-cluster-3 out .*deploy\.nats\.servers: 3 into site\.yaml/
  )
  t.match(
    told(all => {
      specOf(all, 'StatefulSet', 'nats').replicas = 1
    }),
    /^it has 1 pod, and nats\.conf is of 3: add the component nats-cluster-3 .*deploy\.nats\.servers: 1 into/
  )
})

t.test('what an overlay has for the broker and its site file does not ask for is found', async t => {
  const all = createRendering()
  addToConf(all, '\nport: 4222')
  t.same(faultsOf(all, askedRules), [])
  containerOf(all, 'api').env?.push({ name: 'NATS_CA_FILE', value: '/etc/nats-ca/ca.crt' })
  containerOf(all, 'nats', 'StatefulSet').ports?.push({ name: 'mqtt', containerPort: 1883 })
  specOf(all, 'Service', 'nats').ports?.push({ port: 1883, targetPort: 'mqtt' })
  t.match(faultsOf(all, askedRules), [
    { object: 'Deployment/api', rule: 'nats-asked-tls', what: /speaks no TLS/ },
    { object: 'Service/nats', rule: 'nats-asked-port', what: /port 1883/ }
  ])
})

t.test('the ids of rules are different', async t => {
  t.equal(new Set(rules.map(({ id }) => id)).size, rules.length)
})

t.test('a release refuses images without a digest', async t => {
  const all = createRendering()
  const faults = faultsOf(all, releaseRules)
  t.match(faults, [{ object: 'Deployment/api', rule: 'digests' }])
  for (const name of ['api', 'gateway', 'commander', 'producer'])
    containerOf(all, name).image = `registry.example/meridian/${name}@sha256:${'a'.repeat(64)}`
  t.equal(faultsOf(all, releaseRules).length, 3, 'the broker with its reloader, and the streams step')
})
