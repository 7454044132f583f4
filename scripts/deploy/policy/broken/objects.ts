import { pick } from '../test-rendering.ts'
import { add, type Breaking, containerOf, deployment, podOf, remove, specOf } from './breaking.ts'

/** The label by which pods are chosen. */
const NAME = 'app.kubernetes.io/name'

/** Broken objects of the rules of names, words, and what objects choose. */
export const brokenObjects: readonly Breaking[] = [
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
  [
    'C4',
    'a word that waits for somebody',
    all => {
      pick(all, 'ConfigMap', 'site').data = { 'site.yaml': 'host: CHANGEME' }
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
  [
    'long-connections',
    'cut after a minute',
    all => {
      pick(all, 'Ingress', 'meridian').metadata.annotations = {
        'nginx.ingress.kubernetes.io/proxy-body-size': '1m'
      }
    }
  ],
  [
    'waves',
    'the streams step waits for settings of a later wave',
    all => {
      pick(all, 'ConfigMap', 'site-env').metadata.annotations = {}
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
    'own-selectors',
    'a spread over other pods',
    all => {
      podOf(all).topologySpreadConstraints = [
        { topologyKey: 'kubernetes.io/hostname', labelSelector: { matchLabels: { app: 'x' } } }
      ]
    }
  ],
  [
    'references',
    'a CronJob waits for a Secret that is not there',
    all => {
      const job = structuredClone(podOf(all, 'streams', 'Job'))
      job.volumes?.push({ name: 'keys', projected: { sources: [{ secret: { name: 'keys' } }] } })
      add(all, 'CronJob', 'nightly', { spec: { jobTemplate: { spec: { template: { spec: job } } } } })
    },
    /^CronJob\/nightly: it names Secret\/keys, which is not there$/
  ],
  [
    'selected',
    'a Service of nobody',
    all => {
      specOf(all, 'Service', 'gateway').selector = { 'app.kubernetes.io/name': 'gate' }
    }
  ],
  [
    'ports',
    'a port that no container has',
    all => {
      specOf(all, 'Service', 'gateway').ports = [{ port: 80, targetPort: 'web' }]
    }
  ],
  [
    'selected',
    'a Service whose endpoints somebody else writes',
    all => {
      delete specOf(all, 'Service', 'gateway').selector
    },
    /^Service\/gateway: spec\.selector is missing or empty/
  ],
  [
    'own-service',
    'the name of the gateway leads to the api',
    all => {
      specOf(all, 'Service', 'gateway').selector = { [NAME]: 'api' }
    },
    /^Service\/gateway: spec\.selector leads elsewhere than to Deployment\/gateway$/
  ],
  [
    'own-service',
    'the names of servers lead to the api',
    all => {
      specOf(all, 'Service', 'nats-headless').selector = { [NAME]: 'api' }
    },
    /^Service\/nats-headless: spec\.selector leads elsewhere than to StatefulSet\/nats$/
  ],
  [
    'own-service',
    'a Service of everything that one label is on',
    all => {
      for (const { template } of [deployment(all, 'api'), deployment(all)])
        Object.assign(template?.metadata?.labels ?? {}, { door: 'yes' })
      add(all, 'Service', 'doors', { spec: { selector: { door: 'yes' }, ports: [{ port: 8080 }] } })
    },
    /^Service\/doors: spec\.selector leads to pods of api and gateway/
  ],
  [
    'ports',
    'an Ingress to a port that the Service does not have',
    all => {
      const backend = { service: { name: 'gateway', port: { name: 'web' } } }
      specOf(all, 'Ingress', 'meridian').rules = [{ host: 'a.example', http: { paths: [{ backend }] } }]
    },
    /^Ingress\/meridian: port web of Service\/gateway: it has no such port$/
  ],
  [
    'ports',
    'a route to a port that the Service does not have',
    all =>
      add(all, 'HTTPRoute', 'more', { spec: { rules: [{ backendRefs: [{ name: 'api', port: 8080 }] }] } }),
    /^HTTPRoute\/more: port 8080 of Service\/api: it has no such port$/
  ],
  [
    'ports',
    'a monitor of a port that pods do not have',
    all =>
      add(all, 'PodMonitor', 'more', {
        spec: { selector: { matchLabels: { [NAME]: 'api' } }, podMetricsEndpoints: [{ port: 'metrics' }] }
      }),
    /^PodMonitor\/more: port metrics: no container of api has it$/
  ]
]
