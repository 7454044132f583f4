import { pick } from '../test-rendering.ts'
import { add, type Breaking, containerOf, setting } from './breaking.ts'

/** Has the form of a seed and is none. */
const SEED = `SU${'A'.repeat(56)}`

/** Broken objects of the rules of settings and rights. */
export const brokenSettings: readonly Breaking[] = [
  [
    'secrets',
    'a seed in a ConfigMap',
    all => {
      pick(all, 'ConfigMap', 'site').data = { 'site.yaml': `nats:\n${SEED}\n` }
    },
    /^ConfigMap\/site: data\.site\.yaml has an nkey seed: it belongs into a Secret/
  ],
  [
    'secrets',
    'a seed in an argument',
    all => {
      containerOf(all).args = [`--seed=${SEED.replace('SU', 'SA')}`]
    },
    /^Deployment\/gateway: spec\.template\.spec\.containers\.0\.args\.0 has an nkey seed/
  ],
  [
    'secrets',
    'a private key in an annotation',
    all => {
      pick(all, 'Service', 'gateway').metadata.annotations = { note: '-----BEGIN EC PRIVATE KEY-----' }
    },
    /^Service\/gateway: metadata\.annotations\.note has a private key/
  ],
  [
    'secrets',
    'a private key as bytes',
    all => {
      const text = Buffer.from('-----BEGIN PRIVATE KEY-----').toString('base64')
      pick(all, 'ConfigMap', 'site').binaryData = { 'tls.key': text }
    },
    /^ConfigMap\/site: binaryData\.tls\.key has a private key/
  ],
  [
    'secrets',
    'a password in an address',
    all => setting(containerOf(all), 'NATS_URL', 'nats://gateway:hush@nats:4222'),
    /env\.\d+\.value has an address with a password/
  ],
  ...['OIDC_CLIENT_SECRET', 'DB_PASSWORD', 'NKEY_SEED', 'API_TOKEN', 'TOKEN_2', 'password'].map(
    (name): Breaking => [
      'secrets',
      `a literal value of ${name}`,
      all => {
        containerOf(all).env?.push({ name, value: 'hush' })
      },
      new RegExp(`^Deployment/gateway: container gateway: env ${name} stands here for everybody`)
    ]
  ),
  [
    'secrets',
    'a password from a ConfigMap',
    all => {
      const configMapKeyRef = { name: 'site-env', key: 'WORD' }
      containerOf(all).env?.push({ name: 'DB_PASSWORD', valueFrom: { configMapKeyRef } })
    },
    /env DB_PASSWORD stands here/
  ],
  [
    'secrets',
    'a password among the settings of every process',
    all => {
      pick(all, 'ConfigMap', 'site-env').data = { DB_PASSWORD: 'hush' }
    },
    /^ConfigMap\/site-env: data\.DB_PASSWORD is called a secret/
  ],
  [
    'log-in',
    'nobody logs in',
    all => setting(containerOf(all), 'AUTH_MODE', 'open'),
    /^Deployment\/gateway: container gateway: env AUTH_MODE is open, or not set/
  ],
  [
    'log-in',
    'nobody logs in where nothing is said',
    all => {
      const container = containerOf(all, 'commander')
      container.env = container.env?.filter(({ name }) => name !== 'AUTH_MODE') ?? []
    },
    /^Deployment\/commander: container commander: env AUTH_MODE/
  ],
  [
    'log-in',
    'nobody logs in, as a ConfigMap says',
    all => {
      const container = containerOf(all, 'api')
      container.env = container.env?.filter(({ name }) => name !== 'AUTH_MODE') ?? []
      pick(all, 'ConfigMap', 'site-env').data = { AUTH_MODE: 'open' }
    },
    /^Deployment\/api: container api: env AUTH_MODE/
  ],
  ...['0.0.0.0/0', '::/0', '10.0.0.0/8, 0.0.0.0/1', '::ffff:0:0/96', '0.0.0.0/0.0.0.0'].map(
    (value): Breaking => [
      'proxies',
      `${value} is believed`,
      all => {
        containerOf(all).env?.push({ name: 'TRUSTED_PROXIES', value })
      },
      /^Deployment\/gateway: container gateway: env TRUSTED_PROXIES: \S+ is anybody/
    ]
  ),
  [
    'proxies',
    'everybody is believed, as a ConfigMap says',
    all => {
      pick(all, 'ConfigMap', 'site-env').data = { TRUSTED_PROXIES: '::/0' }
    },
    /env TRUSTED_PROXIES: ::\/0 is anybody/
  ],
  ...['RoleBinding', 'ClusterRoleBinding'].map(
    (kind): Breaking => [
      'rights',
      `a ${kind} to everything`,
      all =>
        add(all, kind, 'more', {
          roleRef: { name: 'cluster-admin' },
          subjects: [{ kind: 'User', name: 'somebody' }]
        }),
      new RegExp(`^${kind}/more: roleRef: cluster-admin may change or read everything`)
    ]
  ),
  [
    'rights',
    'a right for a process of ours',
    all =>
      add(all, 'RoleBinding', 'more', {
        roleRef: { name: 'look' },
        subjects: [{ kind: 'ServiceAccount', name: 'gateway' }]
      }),
    /^RoleBinding\/more: subjects: ServiceAccount gateway/
  ],
  [
    'rights',
    'a right for whoever runs in the cluster',
    all =>
      add(all, 'RoleBinding', 'more', {
        roleRef: { name: 'look' },
        subjects: [{ kind: 'Group', name: 'system:serviceaccounts' }]
      }),
    /^RoleBinding\/more: subjects: Group system:serviceaccounts/
  ],
  [
    'rights',
    'a Role of everything',
    all => add(all, 'Role', 'more', { rules: [{ verbs: ['get'], resources: ['pods', 'secrets'] }] }),
    /^Role\/more: rules\[0\]: secrets gives too much/
  ],
  [
    'rights',
    'a ClusterRole that gives itself more',
    all => add(all, 'ClusterRole', 'more', { rules: [{ verbs: ['escalate', '*'], resources: ['roles'] }] }),
    /^ClusterRole\/more: rules\[0\]: escalate, \* gives too much/
  ]
]
