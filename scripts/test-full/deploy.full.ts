/**
 * The overlays render, and `pnpm deploy:check` finds nothing wrong in them; what is wrong in a copy, it finds. It
 * builds its tools with Go, and downloads Go modules for the schemas, the first time.
 */
import { readFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import t from 'tap'
import { parse } from 'yaml'
import { checkDeploy } from '../deploy/check.ts'
import { faultsOf } from '../deploy/policy/rule.ts'
import { rules } from '../deploy/policy/rules.ts'
import { releaseRules } from '../deploy/policy/whole.ts'
import { deployFolder, kustomizationText, renderOverlay, withComponentSets } from '../deploy/render.ts'
import { type Resource, workloadsOf } from '../deploy/resource.ts'
import { faultsAgainstSchemas } from '../deploy/schemas/check.ts'

t.setTimeout(540_000)

t.test(
  'every overlay and every component is in order, and the table of deploy/README.md is true',
  async t => {
    const said: string[] = []
    const isGood = await checkDeploy({}, line => said.push(line))
    if (!t.ok(isGood)) t.comment(said.join('\n'))
  }
)

t.test('of one place that place alone is rendered', async t => {
  const said: string[] = []
  t.ok(await checkDeploy({ places: ['local'] }, line => said.push(line)), said.join('\n'))
  t.ok(
    said.some(line => /^ok {2}rendered: local \d+ objects in \S+ s$/.test(line)),
    said.join('\n')
  )
  t.notMatch(said.join('\n'), /all components|each by itself/)
})

t.test('SAL on Kafka elsewhere, beside devices, as the page of the component has it', async t => {
  const page = readFileSync(join(deployFolder, 'components/sal-kafka/README.md'), 'utf8')
  const blocks = [...page.replaceAll('producer-greenhouse', 'producer-ataos').matchAll(/```yaml\n(.*?)```/gs)]
  const patches = blocks.flatMap(([, yaml = '']) => parse(yaml).patches ?? [])
  t.equal(patches.length, 3)
  const own = parse(kustomizationText('summit')).components.map((path: string) => basename(path))
  const options = [...own.slice(0, -1), 'sal-kafka', 'images']
  const { resources } = await withComponentSets(render =>
    render({ name: 'kafka', place: 'summit', options, patches })
  )
  t.same(faultsOf(resources, rules), [])
  const named = (kind: string, name: string): Resource | undefined =>
    resources.find(({ kind: of, metadata }) => of === kind && metadata.name.startsWith(name))
  t.equal(named('ConfigMap', 'sal-kafka')?.data?.['LSST_KAFKA_BROKER_ADDR'], 'kafka.example.org:9094')
  t.match(named('NetworkPolicy', 'producer')?.spec?.egress?.at(-1)?.ports, [{ port: 9094 }, { port: 443 }])
  const settingOf = (name: string, setting: string): string | undefined =>
    workloadsOf(resources)
      .find(({ resource }) => resource.metadata.name === name)
      ?.pod.containers[0]?.env?.find(one => one.name === setting)?.value
  t.equal(settingOf('producer-ataos', 'SOURCE'), 'nats-raw')
  t.equal(settingOf('producer-atdome', 'SOURCE'), 'sal-kafka')
  t.equal(settingOf('commander', 'SINK'), 'sal-kafka')
})

t.test('a release refuses the images of a tree that was not released', async t => {
  const { resources } = await renderOverlay('local')
  t.match(
    faultsOf(resources, releaseRules).find(({ object }) => object === 'Deployment/gateway'),
    { rule: 'digests', what: /meridian\/gateway:unreleased/ }
  )
})

t.test("unknown fields are found, those of LOVE's affinity among them, in kinds of others too", async t => {
  const { text } = await withComponentSets(render =>
    render({ name: 'keda', place: 'local', options: ['keda'] })
  )
  const broken: readonly (readonly [RegExp, string, RegExp])[] = [
    [/maxSurge:/, 'maxSurgee:', /maxSurgee/],
    [/livenessProbe:/, 'livenessProb:', /livenessProb/],
    [
      /( +)enableServiceLinks: false/,
      '$1affinity:\n$1  Chart:\n$1    Name: love-producer\n$1enableServiceLinks: false',
      /Chart/
    ],
    [/failureThreshold: \d+/, 'failureThreshold: often', /failureThreshold/],
    [/pollingInterval:/, 'pollingIntervall:', /pollingIntervall/]
  ]
  const texts = broken.map(([from, to]) => ({ name: to, text: text.replace(from, to) }))
  const faults = await faultsAgainstSchemas([{ name: 'as it is', text }, ...texts])
  t.equal(faults.length, broken.length, 'nothing is wrong with it as it is')
  for (const [, to, what] of broken)
    t.match(
      faults.find(fault => fault.of === to),
      { rule: 'schema', what },
      to
    )
})

t.test(
  'names are asked where the cluster has them, by the patches of the page of network-policies',
  async t => {
    const page = readFileSync(join(deployFolder, 'components/network-policies/README.md'), 'utf8')
    const patches = [...page.matchAll(/^```yaml\n(patches:[\s\S]*?)^```$/gm)].flatMap(
      ([, text = '']) => (parse(text) as { readonly patches: readonly unknown[] }).patches
    )
    t.equal(patches.length, 2)
    const set = { name: 'names', place: 'local', options: ['network-policies'], patches }
    const rendering = await withComponentSets(render => render(set))
    t.same(await faultsAgainstSchemas([rendering]), [])
    const dns = rendering.resources.find(
      ({ kind, metadata }) => kind === 'NetworkPolicy' && metadata.name === 'dns'
    )
    const namespace = (name: string) => ({
      namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': name } }
    })
    const ports = (port: number) => ['UDP', 'TCP'].map(protocol => ({ port, protocol }))
    t.same(dns?.spec, {
      ...{ podSelector: {}, policyTypes: ['Egress'] },
      egress: [
        { to: [namespace('kube-system'), { ipBlock: { cidr: '169.254.20.10/32' } }], ports: ports(53) },
        { to: [namespace('openshift-dns')], ports: ports(5353) }
      ]
    })
  }
)

t.test('references inside resources of others follow a prefix', async t => {
  const { resources } = await withComponentSets(render =>
    render({ name: 'keda', place: 'local', options: ['keda'], namePrefix: 'x-' })
  )
  const [scaler] = resources.filter(({ kind }) => kind === 'ScaledObject')
  t.match(scaler?.spec?.scaleTargetRef?.name, /^x-/)
})
