import t from 'tap'
import { loadCatalogue, loadSite, shippedSites } from '../index.ts'
import { hill, read, refusal } from './test-site.ts'
import type { SiteProblem } from './yaml-file.ts'

const catalogue = loadCatalogue()

t.test("Rubin's three sites and a small one are shipped, with what they have in common", async t => {
  t.same(shippedSites, ['base', 'small', 'summit', 'tucson'])
  t.same(
    shippedSites.map(name => loadSite(name, catalogue).instances.length),
    [106, 12, 122, 106]
  )
  const summit = loadSite('summit', catalogue)
  t.equal(new Set(summit.instances.map(({ csc }) => csc)).size, 57)
  t.equal(summit.instances.filter(({ csc }) => csc === 'ESS').length, 39)
  t.same([...summit.parts.keys()], ['MTM1M3:0', 'MTM2:0', 'MTMount:0'])
  t.same(
    [...summit.parts.values()].map(parts => parts.length),
    [4, 2, 2]
  )
  t.same(summit.ownProducer, ['MTM1M3:0'])
  t.match(summit, { observatory: 'Rubin', location: { longitudeDeg: -70.749417, elevationM: 2663 } })
  t.equal(loadSite('small', catalogue).parts.size, 0, 'a section of its own replaces the common one')
})

t.test('a file needs a name and instances, and has the defaults of all sites', async t => {
  const site = read(t, { 'site.yaml': 'name: home\ninstances: { ESS: [1, 2], ATDome: [0] }\n' })
  t.same(site.instances, [
    { csc: 'ESS', index: 1 },
    { csc: 'ESS', index: 2 },
    { csc: 'ATDome', index: 0 }
  ])
  t.match(site, { name: 'home', observatory: 'home' })
  t.equal(site.parts.size, 0)
  t.same([site.ownProducer, site.subsystems], [[], []])
  t.equal(site.location, undefined)
  t.same(Object.keys(site.commands.stops), ['*.stop*', '*.abort*'])
  t.ok(site.commands.unconfirmed.includes('*.setLogLevel'))
})

t.test('a section of the extended file counts where the file has none', async t => {
  const common = [
    'observatory: Hills',
    'instances: { ESS: [7] }',
    'commands: { stops: { MTMount.stop: {} } }'
  ].join('\n')
  const site = read(t, { 'site.yaml': 'extends: common.yaml\nname: hill\n', 'common.yaml': common })
  t.match(site, { name: 'hill', observatory: 'Hills', instances: [{ csc: 'ESS', index: 7 }] })
  t.same(site.commands.stops, { 'MTMount.stop': {} })
  t.ok(site.commands.unconfirmed.length > 0, 'and the other half of commands has its default')
})

t.test(
  'how a place is deployed is taken from its own file alone, with defaults for what it leaves out',
  t => {
    const common =
      'instances: { ESS: [7], MTMount: [0] }\ndeploy: { host: other.example.org, commanders: 9 }\n'
    const site = (...lines: string[]) =>
      read(t, {
        'site.yaml': ['extends: common.yaml', 'name: hill', ...lines].join('\n'),
        'common.yaml': common
      })
    const { host, ...rest } = site().deploy
    t.equal(host, undefined)
    t.same(rest, {
      brokerSite: 'hill',
      logLevel: 'info',
      gateways: { min: 2, max: 10 },
      commanders: 2,
      nats: { servers: 3, storage: '64Gi', tls: false, devices: {} },
      leafs: { accepts: false, from: {}, dials: {} },
      nkeys: {},
      oldNkeys: {}
    })
    const own = site('deploy: { host: hill.example.org, nats: { servers: 1 } }', 'profiles: { ESS: ess }')
    t.match(own.deploy, { host: 'hill.example.org', commanders: 2, nats: { servers: 1, storage: '64Gi' } })
    t.same([...own.profiles], [['ESS', 'ess']])
    t.end()
  }
)

t.test('roles are named one by one: a site replaces one of them and has the others', async t => {
  const site = read(t, {
    'site.yaml': hill('roles:', '  operator: { read: ["tel.>"], command: ["MTM*.*"] }')
  })
  t.same(site.roles.get('operator'), { read: ['tel.>'], command: ['MTM*.*'] })
  t.same(site.roles.get('viewer'), { read: ['>'], command: [] })
})

t.test('a file may extend one that extends another, and none that extends it', async t => {
  const files = {
    'common.yaml': 'extends: all.yaml\ninstances: { ESS: [7] }\n',
    'all.yaml': 'observatory: Hills\ninstances: { ESS: [8] }\nsubsystems: [Sky]\n'
  }
  const site = read(t, { 'site.yaml': 'extends: common.yaml\nname: hill\n', ...files })
  t.match(site, { observatory: 'Hills', instances: [{ csc: 'ESS', index: 7 }], subsystems: ['Sky'] })
  const circle = { ...files, 'all.yaml': 'extends: site.yaml\n' }
  const { problems } = refusal(t, 'extends: common.yaml\nname: hill\n', circle)
  t.match(problems, [{ code: 'CAT_SITE_INVALID', file: /all\.yaml$/, line: 1, where: 'extends' }])
  t.equal(problems.length, 1)
})

t.test('a fault of the extended file is told with its file and line', async t => {
  const bad = refusal(t, 'extends: common.yaml\nname: hill\n', {
    'common.yaml': '\n\ninstances:\n  Greenhouse: [0]\n'
  })
  t.match(bad.problems, [{ code: 'CAT_SITE_UNKNOWN', file: /common\.yaml$/, line: 4 }])
  t.match(bad.message, /common\.yaml:4: instances\.Greenhouse: no component 'Greenhouse'/)
  const chain = refusal(t, 'extends: common.yaml\n', { 'common.yaml': 'extends: other.yaml\n' })
  t.match(chain, {
    code: 'CAT_SITE_UNREADABLE',
    problems: [{ file: /common\.yaml$/, where: 'extends', line: 1 }]
  })
  t.equal(refusal(t, hill('extends: nothing.yaml')).code, 'CAT_SITE_UNREADABLE')
})

t.test('a fault of what is extended hides none of the file, and makes up none', async t => {
  const own = [
    'extends: common.yaml',
    'instances: { MTMount: [x], Shed: [0] }',
    'roles: { night: { read: [tel.hill.>, "evt..x"], command: [Shed.open] } }',
    'locaton: {}'
  ].join('\n')
  const found = [
    { line: 4, where: 'locaton' },
    { line: 2, where: 'instances.MTMount.0' },
    { line: 3, where: 'roles.night.read.1' }
  ]
  const placed = ({ problems }: { readonly problems: readonly SiteProblem[] }) =>
    problems.map(({ file, line, where }) => [file.split('/').at(-1), line, where].join(':')).sort()
  const ofFile = found.map(({ line, where }) => `site.yaml:${line}:${where}`)
  t.same(placed(refusal(t, own)), [...ofFile, 'site.yaml:1:extends'].sort(), 'it is not there')
  const chain = { 'common.yaml': 'observatory: 7\nextends: other.yaml\n' }
  t.same(
    placed(refusal(t, own, chain)),
    [...ofFile, 'common.yaml:1:observatory', 'common.yaml:2:extends'].sort(),
    'it extends one that is not there'
  )
  const broken = { 'common.yaml': 'name: [\n' }
  t.match(placed(refusal(t, own, broken)), [/^common\.yaml:2:$/, ...[...ofFile].sort()], 'it is no YAML')
})
