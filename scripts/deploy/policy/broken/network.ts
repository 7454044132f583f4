import type { PolicyPeer, Resource, Spec } from '../../resource.ts'
import { add, type Breaking, containerOf, remove, specOf } from './breaking.ts'

/** The label by which pods are chosen. */
const NAME = 'app.kubernetes.io/name'
const BOTH = ['Ingress', 'Egress']

const addPolicy = (all: Resource[], spec: Spec): void => add(all, 'NetworkPolicy', 'more', { spec })

/** Peers of a policy that are anybody. */
const PEERS: readonly (readonly [who: string, peer: PolicyPeer])[] = [
  ['any pod of the namespace', { podSelector: {} }],
  [
    'pods that lack a label',
    { podSelector: { matchExpressions: [{ key: NAME, operator: 'DoesNotExist' }] } }
  ],
  ['whoever has a namespace', { namespaceSelector: {}, podSelector: { matchLabels: { [NAME]: 'gateway' } } }],
  ['every address', { ipBlock: { cidr: '0.0.0.0/0' } }],
  ['every second address', { ipBlock: { cidr: '128.0.0.0/1' } }],
  ['every address of IPv6', { ipBlock: { cidr: '::/0' } }]
]

/** Broken objects of the rules of who reaches whom. */
export const brokenNetwork: readonly Breaking[] = [
  ['deny-all', 'what is not allowed is not denied', all => remove(all, 'NetworkPolicy', 'deny-all')],
  ['deny-all', 'a workload without a policy', all => remove(all, 'NetworkPolicy', 'commander')],
  [
    'deny-all',
    'a policy of all pods is no policy of a workload',
    all => {
      remove(all, 'NetworkPolicy', 'commander')
      addPolicy(all, { podSelector: { matchLabels: {} }, policyTypes: ['Egress'] })
    },
    /^Deployment\/commander: no network policy is of it$/
  ],
  [
    'open-policy',
    'a policy that lets everything in and out beside the one that denies it',
    all => addPolicy(all, { podSelector: {}, policyTypes: BOTH, ingress: [{}], egress: [{}] }),
    /^NetworkPolicy\/more: ingress\[0\]\.ports: it lets all ports or a range through/
  ],
  [
    'open-policy',
    'a policy that lets everything out',
    all => addPolicy(all, { podSelector: {}, policyTypes: ['Egress'], egress: [{}] }),
    /^NetworkPolicy\/more: egress\[0\]\.ports/
  ],
  [
    'open-policy',
    'the broker, from anywhere',
    all => {
      specOf(all, 'NetworkPolicy', 'nats').ingress?.push({ ports: [{ port: 4222 }] })
    },
    /^NetworkPolicy\/nats: ingress\[4\]: port 4222 is open to anybody: name in from or to who needs it$/
  ],
  [
    'open-policy',
    'the broker, under the name of the port of devices',
    all => {
      containerOf(all, 'nats', 'StatefulSet').ports = [{ name: 'mqtt', containerPort: 4222 }]
      specOf(all, 'NetworkPolicy', 'nats').ingress?.push({ ports: [{ port: 'mqtt' }] })
    },
    /ingress\[4\]: port mqtt is open to anybody/
  ],
  [
    'open-policy',
    'a range of ports that has the one of devices and others',
    all => {
      specOf(all, 'NetworkPolicy', 'nats').ingress?.push({ ports: [{ port: 1883, endPort: 9000 }] })
    },
    /ingress\[4\]\.ports: it lets all ports or a range through/
  ],
  [
    'open-policy',
    'all ports of a protocol',
    all => {
      const from = [{ podSelector: { matchLabels: { [NAME]: 'gateway' } } }]
      specOf(all, 'NetworkPolicy', 'nats').ingress?.push({ from, ports: [{}] })
    },
    /ingress\[4\]\.ports/
  ],
  ...PEERS.map(
    ([who, peer]): Breaking => [
      'open-policy',
      `the broker, from ${who}`,
      all => {
        specOf(all, 'NetworkPolicy', 'nats').ingress?.push({
          from: [peer],
          ports: [{ port: 'client' }]
        })
      },
      /ingress\[4\]: port client is open to anybody/
    ]
  ),
  [
    'open-policy',
    'every service, by a policy of all pods',
    all =>
      addPolicy(all, { podSelector: {}, policyTypes: ['Ingress'], ingress: [{ ports: [{ port: 'http' }] }] }),
    /^NetworkPolicy\/more: ingress\[0\]: port http is open to anybody/
  ],
  [
    'open-policy',
    'a commander may go anywhere',
    all => {
      specOf(all, 'NetworkPolicy', 'commander').egress = [{ ports: [{ port: 443 }] }]
    },
    /^NetworkPolicy\/commander: egress\[0\]: port 443 is open to anybody/
  ],
  [
    'shut-in',
    'a broker without keys, and no policies at all',
    all => {
      for (const { metadata } of all.filter(({ kind }) => kind === 'NetworkPolicy'))
        remove(all, 'NetworkPolicy', metadata.name)
    },
    /^StatefulSet\/nats: nats\.conf has no keys, and no network policy keeps anybody out/
  ],
  ...['LoadBalancer', 'NodePort'].map(
    (type): Breaking => [
      'exposed',
      `the broker, by a ${type}`,
      all => {
        specOf(all, 'Service', 'nats').type = type
      },
      /^Service\/nats: port 4222: .* lets anybody in from outside: make it a ClusterIP$/
    ]
  ),
  [
    'exposed',
    'the broker, by an address of its own',
    all => {
      specOf(all, 'Service', 'nats').externalIPs = ['203.0.113.1']
    },
    /^Service\/nats: port 4222/
  ],
  [
    'exposed',
    'the figures of the broker, by the Ingress',
    all => {
      specOf(all, 'Service', 'nats').ports = [{ name: 'monitor', port: 8222, targetPort: 'monitor' }]
      const backend = { service: { name: 'nats', port: { name: 'monitor' } } }
      specOf(all, 'Ingress', 'meridian').rules?.push({ host: 'a.example', http: { paths: [{ backend }] } })
    },
    /^Ingress\/meridian: it leads anybody to port monitor of Service\/nats/
  ],
  [
    'exposed',
    'the broker, by a route',
    all =>
      add(all, 'TCPRoute', 'more', { spec: { rules: [{ backendRefs: [{ name: 'nats', port: 4222 }] }] } }),
    /^TCPRoute\/more: it leads anybody to port 4222 of Service\/nats/
  ],
  [
    'exposed',
    'the broker, for whatever no rule of the Ingress is of',
    all => {
      specOf(all, 'Ingress', 'meridian').defaultBackend = {
        service: { name: 'nats', port: { number: 4222 } }
      }
    },
    /^Ingress\/meridian: it leads anybody to port 4222/
  ]
]
