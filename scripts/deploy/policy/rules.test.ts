import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { root } from '../../root.ts'
import { containersOf, type Resource, workloadsOf } from '../resource.ts'
import {
  add,
  addToConf,
  type Breaking,
  containerOf,
  mountInto,
  podOf,
  remove,
  setting,
  specOf
} from './broken/breaking.ts'
import { brokenBroker } from './broken/broker.ts'
import { brokenNetwork } from './broken/network.ts'
import { brokenObjects } from './broken/objects.ts'
import { brokenPods } from './broken/pods.ts'
import { brokenRights } from './broken/restricted.ts'
import { brokenScaling } from './broken/scaling.ts'
import { brokenSettings } from './broken/settings.ts'
import { askedRules } from './broker.ts'
import { faultsOf } from './rule.ts'
import { rules } from './rules.ts'
import { backupOfPage, createRendering, pick } from './test-rendering.ts'
import { releaseRules } from './whole.ts'

/** The label by which pods are chosen. */
const NAME = 'app.kubernetes.io/name'

/** Good renderings with one thing wrong, and the rule that must find it. */
const broken: readonly Breaking[] = [
  ...brokenPods,
  ...brokenRights,
  ...brokenScaling,
  ...brokenBroker,
  ...brokenNetwork,
  ...brokenSettings,
  ...brokenObjects
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

t.test('the backup of every night that docs/operations.md shows obeys every rule', async t => {
  const all = createRendering()
  const backup = backupOfPage()
  containersOf(workloadsOf(backup)[0]?.pod ?? { containers: [] }).forEach(container => {
    container.image += ':1.0.0'
  })
  for (const name of ['meridian-keys', 'nats-tls']) add(all, 'Secret', name, {})
  all.push(...backup)
  t.same(faultsOf(all, rules), [])
})

t.test('a first look on one machine may be open, and its broker without keys', async t => {
  const all = createRendering().filter(({ kind }) => kind !== 'NetworkPolicy')
  const isOpen = (): string[] =>
    faultsOf(all, rules)
      .map(({ rule }) => rule)
      .filter(rule => rule === 'shut-in' || rule === 'log-in')
  setting(containerOf(all), 'AUTH_MODE', 'open')
  t.same(isOpen(), ['shut-in', 'log-in'])
  const broker = specOf(all, 'StatefulSet', 'nats')
  delete broker.volumeClaimTemplates
  t.same(isOpen(), ['shut-in', 'log-in'], 'several servers are no first look')
  broker.replicas = 1
  t.same(isOpen(), [])
})

t.test('what a place has for good is no fault', async t => {
  const good: readonly (readonly [what: string, change: (all: Resource[]) => void])[] = [
    [
      'keys instead of policies',
      all => {
        addToConf(all, '\n      { nkey: UA }')
        for (const { metadata } of all.filter(({ kind }) => kind === 'NetworkPolicy'))
          remove(all, 'NetworkPolicy', metadata.name)
      }
    ],
    [
      'a provider of OpenID somewhere',
      all => {
        specOf(all, 'NetworkPolicy', 'api').egress?.push({ ports: [{ port: 443 }] })
      }
    ],
    [
      'devices reach a port of theirs',
      all => {
        containerOf(all, 'nats', 'StatefulSet').ports?.push({ name: 'mqtt', containerPort: 1883 })
        add(all, 'Service', 'nats-mqtt', {
          spec: {
            type: 'LoadBalancer',
            selector: { [NAME]: 'nats' },
            ports: [{ port: 1883, targetPort: 'mqtt' }]
          }
        })
      }
    ],
    [
      'files and numbers with names like secrets',
      all => {
        containerOf(all).env?.push(
          { name: 'OIDC_CLIENT_SECRET_FILE', value: '/etc/oidc/secret' },
          { name: 'OIDC_TOKENS_DAYS', value: '30' },
          { name: 'SEED', value: '7' }
        )
      }
    ],
    [
      'the public half of a key',
      all => {
        pick(all, 'ConfigMap', 'site').data = { 'site.yaml': `U${'SU'.repeat(27)}S` }
      }
    ],
    [
      'networks of proxies',
      all => {
        containerOf(all).env?.push({ name: 'TRUSTED_PROXIES', value: '10.0.0.0/8,fc00::/7,loopback' })
      }
    ],
    [
      'Prometheus may look for pods',
      all => {
        add(all, 'Role', 'look', { rules: [{ verbs: ['get', 'list', 'watch'], resources: ['pods'] }] })
        add(all, 'RoleBinding', 'look', {
          roleRef: { name: 'look' },
          subjects: [{ kind: 'ServiceAccount', name: 'prometheus', namespace: 'monitoring' }]
        })
      }
    ]
  ]
  for (const [what, change] of good) {
    const all = createRendering()
    change(all)
    t.same(faultsOf(all, rules), [], what)
  }
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
  for (const [rule, what, change, told = /./] of broken) {
    const all = createRendering()
    change(all)
    const found = faultsOf(all, rules).filter(fault => fault.rule === rule)
    const lines = found.map(fault => `${fault.object}: ${fault.what}`)
    t.ok(
      lines.some(line => told.test(line)),
      `${rule}: ${what}`,
      { lines }
    )
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

t.test('deploy/README.md tells what the rules of each file demand', async t => {
  const source = readFileSync(new URL('rules.ts', import.meta.url), 'utf8')
  const page = readFileSync(join(root, 'deploy/README.md'), 'utf8')
  const files = [...source.matchAll(/import \{ \w+Rules \} from '\.\/(\w+)\.ts'/g)].map(([, file]) => file)
  const [, table = ''] = /\n\| rules of \|.*\n\|.*\n((?:\|.*\n)+)/.exec(page) ?? []
  const told = [...table.matchAll(/^\|([^|]+)\|/gm)].flatMap(([, cell = '']) => cell.match(/\w+/g) ?? [])
  t.same(told.sort(), files.sort())
})

t.test('a release refuses images without a digest', async t => {
  const all = createRendering()
  const faults = faultsOf(all, releaseRules)
  t.match(faults, [{ object: 'Deployment/api', rule: 'digests' }])
  for (const name of ['api', 'gateway', 'commander', 'producer'])
    containerOf(all, name).image = `registry.example/meridian/${name}@sha256:${'a'.repeat(64)}`
  t.equal(faultsOf(all, releaseRules).length, 3, 'the broker with its reloader, and the streams step')
})
