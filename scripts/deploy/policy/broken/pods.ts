import { type Breaking, containerOf, podOf, setting } from './breaking.ts'

/** Broken objects of the rules of what a pod asks for. */
export const brokenPods: readonly Breaking[] = [
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
    'R6',
    'npm stands before the process',
    all => {
      containerOf(all).command = ['npm', 'start']
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
    'probe-ports',
    'a probe asks where nobody answers',
    all => {
      containerOf(all).livenessProbe = { httpGet: { path: '/livez', port: 'web' } }
    },
    /^Deployment\/gateway: container gateway: livenessProbe asks port web, which is none of its ports$/
  ],
  [
    'probe-ports',
    'a probe asks a number where nobody answers',
    all => {
      containerOf(all).readinessProbe = { tcpSocket: { port: 8081 } }
    },
    /readinessProbe asks port 8081/
  ],
  [
    'probe-ports',
    'a probe asks another machine',
    all => {
      containerOf(all).livenessProbe = { httpGet: { path: '/livez', port: 'http', host: '169.254.169.254' } }
    },
    /livenessProbe asks 169\.254\.169\.254 instead of its pod/
  ],
  [
    'patience',
    'one answer that is late, and it is started again',
    all => {
      Object.assign(containerOf(all).livenessProbe ?? {}, { failureThreshold: 1, periodSeconds: 60 })
    },
    /container gateway: livenessProbe gives up after 1 times, 60 s/
  ],
  [
    'patience',
    'three seconds without an answer, and the broker is started again',
    all => {
      Object.assign(containerOf(all, 'nats', 'StatefulSet').livenessProbe ?? {}, { periodSeconds: 1 })
    },
    /^StatefulSet\/nats: container nats: livenessProbe gives up after 3 times, 3 s/
  ],
  [
    'patience',
    'it has ten seconds to start',
    all => {
      Object.assign(containerOf(all).startupProbe ?? {}, { failureThreshold: 10 })
    },
    /startupProbe gives up after 10 times, 10 s/
  ],
  [
    'drain',
    'a sleep that is over before endpoints forget it',
    all => {
      containerOf(all).lifecycle = { preStop: { sleep: { seconds: 1 } } }
    },
    /container gateway: lifecycle\.preStop\.sleep of 1 s: 5 s/
  ]
]
