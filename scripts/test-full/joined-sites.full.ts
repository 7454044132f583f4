/**
 * Two sites with keys, TLS, devices and a leaf link, made as docs/deploying.md says: what Kustomize makes of them obeys every rule,
 * a real server takes each nats.conf with the files that the pod has, and a component that is forgotten is a fault.
 */
import { spawnSync } from 'node:child_process'
import { cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { findNatsServer } from '@meridian/testing'
import t, { type Test } from 'tap'
import { parseDocument } from 'yaml'
import { askedRules } from '../deploy/policy/broker.ts'
import { CONF_FOLDER } from '../deploy/policy/nats-conf.ts'
import { faultsOf } from '../deploy/policy/rule.ts'
import { rules } from '../deploy/policy/rules.ts'
import { type Rendering, renderFolder } from '../deploy/render.ts'
import { type Container, type PodSpec, workloadsOf } from '../deploy/resource.ts'
import { faultsAgainstSchemas } from '../deploy/schemas/check.ts'
import { root } from '../root.ts'
import { generate } from '../site/generate.ts'
import { siteFileOf } from '../site/overlays.ts'
import { makeSiteKeys } from '../site/site-keys.ts'
import { makeCertificate } from './site-brokers/local-broker.ts'

t.setTimeout(300_000)

const POLICIES = 'network-policies'
/** What each place has besides, in this order. */
const COMPONENTS = {
  summit: [POLICIES, 'secrets-vault', 'nats-tls', 'leafnode', 'mqtt'],
  usdf: [POLICIES, 'secrets-vault', 'nats-tls', 'leafnode', 'leafnode-accepts']
} as const
type Place = keyof typeof COMPONENTS

const folder = t.testdir()
const overlays = join(folder, 'deploy/overlays')
const certificates = join(folder, 'certificates')
cpSync(join(root, 'deploy'), join(folder, 'deploy'), { recursive: true })
mkdirSync(certificates)
makeCertificate(certificates)

/** Writes one entry of a site file's section `deploy`. */
function say(place: Place, path: readonly string[], value: unknown): void {
  const file = siteFileOf(overlays, place)
  const document = parseDocument(readFileSync(file, 'utf8'))
  document.setIn(['deploy', ...path], value)
  writeFileSync(file, document.toString())
}

/** Lists components in the kustomization of a place, instead of the network policies alone. */
async function render(place: Place, components: readonly string[]): Promise<Rendering> {
  const original = readFileSync(join(root, 'deploy/overlays', place, 'kustomization.yaml'), 'utf8')
  const lineOf = (name: string): string => `  - ../../components/${name}\n`
  const bare = original.replace(lineOf('nats-tls'), '')
  const text = bare.replace(lineOf(POLICIES), components.map(lineOf).join(''))
  writeFileSync(join(overlays, place, 'kustomization.yaml'), text)
  return renderFolder(place, join(overlays, place))
}

/** What a site says of its broker for good: keys first, whose public halves the other one is told. */
function joinSites(): void {
  const asked = { renew: [], forget: false }
  const [summit] = (['summit', 'usdf'] as const).map(name => makeSiteKeys(overlays, { ...asked, name }))
  const publicKey = /U[A-Z2-7]{55}$/.exec(summit?.lines.at(-1) ?? '')?.[0]
  say('summit', ['nats', 'devices'], { dome: `$2a$11$${'a'.repeat(53)}` })
  say('usdf', ['leafs', 'from'], { summit: publicKey })
  const { isGood, lines } = generate(overlays, ['summit', 'usdf'])
  if (!isGood) throw new Error(lines.join('\n'))
}

joinSites()

const brokerOf = ({ resources }: Rendering): PodSpec => {
  const broker = workloadsOf(resources).find(({ resource }) => resource.kind === 'StatefulSet')
  if (broker === undefined) throw new Error('there is no broker')
  return broker.pod
}

/** A Secret's keys with their values: those of the site, or a certificate as cert-manager makes it. */
function secretOf(place: Place, name: string): ReadonlyMap<string, string> {
  if (name !== 'meridian-keys')
    return new Map(
      ['tls.crt', 'tls.key', 'ca.crt'].map(key => [key, readFileSync(join(certificates, key), 'utf8')])
    )
  const lines = readFileSync(join(overlays, place, 'keys.env'), 'utf8')
    .trim()
    .split('\n')
  return new Map(lines.map(line => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]))
}

/** Writes what a container finds of Secrets and of its nats.conf below a folder instead of `/`, and returns the path of nats.conf. */
function writeFiles(rendering: Rendering, { volumeMounts = [] }: Container, to: string): string {
  const place = rendering.name as Place
  for (const { name, mountPath } of volumeMounts) {
    const secret = brokerOf(rendering).volumes?.find(volume => volume.name === name)?.secret
    if (secret === undefined) continue
    const values = secretOf(place, secret.secretName)
    const items = secret.items ?? [...values.keys()].map(key => ({ key, path: key }))
    for (const { key, path } of items) writeInto(join(to, mountPath, path), values.get(key) ?? '')
  }
  const conf = readFileSync(join(overlays, place, 'generated/nats/nats.conf'), 'utf8')
  const file = join(to, 'etc/nats/nats.conf')
  writeInto(file, conf.replaceAll('/etc/', `${to}/etc/`))
  return file
}

function writeInto(file: string, text: string): void {
  mkdirSync(dirname(file), { recursive: true })
  writeFileSync(file, text)
}

/** Whether a real server takes its nats.conf in each container that reads it, with the files that this container has. */
function assertTaken(t: Test, rendering: Rendering): void {
  const readers = brokerOf(rendering).containers.filter(({ volumeMounts = [] }) =>
    volumeMounts.some(({ mountPath }) => mountPath === CONF_FOLDER)
  )
  t.equal(readers.length, 2, 'the server and its reloader')
  for (const container of readers) {
    const file = writeFiles(rendering, container, join(folder, rendering.name, container.name))
    const env = { ...process.env, POD_NAME: 'nats-0' }
    const { status, stderr } = spawnSync(findNatsServer(), ['-t', '-c', file], { encoding: 'utf8', env })
    t.equal(status, 0, `${rendering.name}: ${container.name}: ${stderr}`)
  }
}

for (const place of ['summit', 'usdf'] as const)
  t.test(`${place}: all that its nats.conf reads is there, and it obeys every rule and schema`, async t => {
    const rendering = await render(place, COMPONENTS[place])
    t.same(faultsOf(rendering.resources, [...rules, ...askedRules]), [])
    t.same(await faultsAgainstSchemas([rendering]), [])
    assertTaken(t, rendering)
  })

t.test('a component that is forgotten, or stands before the policies that it opens, is a fault', async t => {
  const without = (place: Place, name: string): readonly string[] =>
    COMPONENTS[place].filter(component => component !== name)
  const broken: readonly (readonly [Place, readonly string[], readonly string[]])[] = [
    ['usdf', without('usdf', 'secrets-vault'), ['nats-files', 'references']],
    ['usdf', without('usdf', 'nats-tls'), ['nats-files', 'nats-trust']],
    ['usdf', without('usdf', 'leafnode'), ['nats-files']],
    ['usdf', without('usdf', 'leafnode-accepts'), ['nats-ports', 'nats-reached']],
    ['usdf', [...without('usdf', POLICIES), POLICIES], ['nats-reached']],
    ['summit', without('summit', 'mqtt'), ['nats-ports', 'nats-reached']],
    ['summit', ['leafnode', ...without('summit', 'leafnode')], ['nats-reached']]
  ]
  for (const [place, components, expected] of broken) {
    const { resources } = await render(place, components)
    const found = new Set(faultsOf(resources, rules).map(({ rule }) => rule))
    t.same([...found].sort(), expected, `${place}: ${components.join(', ')}`)
  }
})

t.test(
  'devices by certificate: their CA is given to the broker, and their certificates are made',
  async t => {
    const readme = readFileSync(join(root, 'deploy/components/mqtt-certificates/README.md'), 'utf8')
    const [, devices = ''] = /```yaml\n(# devices\.yaml[\s\S]*?)```/.exec(readme) ?? []
    say('summit', ['nats', 'devices'], { dome: 'certificate' })
    t.match(generate(overlays, ['summit']), { isGood: true })
    const { resources } = await render('summit', COMPONENTS.summit)
    t.same(new Set(faultsOf(resources, rules).map(({ rule }) => rule)), new Set(['nats-files']))
    await render('summit', [...COMPONENTS.summit, 'mqtt-certificates'])
    const file = join(overlays, 'summit/kustomization.yaml')
    const text = readFileSync(file, 'utf8')
    writeFileSync(file, text.replace('resources:\n', 'resources:\n  - devices.yaml\n'))
    writeFileSync(join(overlays, 'summit/devices.yaml'), devices)
    const rendering = await renderFolder('summit', join(overlays, 'summit'))
    t.match(rendering.text, /\n {2}dnsNames:\n {2}- dome\n/)
    t.same(faultsOf(rendering.resources, [...rules, ...askedRules]), [])
    t.same(await faultsAgainstSchemas([rendering]), [])
    assertTaken(t, rendering)
  }
)
