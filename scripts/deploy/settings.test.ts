/** What the manifests of the base set is what the services know, and each takes it. */
import { type ConfigSpec, parseConfig } from '@meridian/service'
import t from 'tap'
import { settingsInBase } from './settings-in-base.ts'

const SERVICES = ['api', 'commander', 'gateway', 'producer', 'simulator']

/** What Node reads, not the service. */
const OF_NODE = ['NODE_OPTIONS']

/** Settings that come from the ConfigMap `site-env` or from the pod. */
const FROM_ELSEWHERE: Readonly<Record<string, string>> = { NAME: 'pod-1', HOSTS: 'console.example' }

/** The settings that a service finds, with a value for each that is known only in a cluster. */
function settingsIn(service: string): Record<string, string> {
  return Object.fromEntries(
    [...settingsInBase(service)].map(([name, value]) => [name, value ?? FROM_ELSEWHERE[name] ?? 'unknown'])
  )
}

t.test('each service knows and takes the settings of its manifest', async t => {
  for (const service of SERVICES) {
    const { spec } = (await import(`../../services/${service}/src/config.ts`)) as {
      readonly spec: ConfigSpec<Record<string, never>>
    }
    const settings = settingsIn(service)
    const unknown = Object.keys(settings).filter(
      name => !(name in spec.settings.properties || OF_NODE.includes(name))
    )
    t.same(unknown, [], service)
    t.doesNotThrow(() => parseConfig(spec, { SITE: 'summit', LOG_LEVEL: 'info', ...settings }), service)
    t.match(settings, { HOST: '0.0.0.0', PORT: '8080' }, `${service}: the kubelet reaches it`)
  }
})
