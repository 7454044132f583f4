import { cpSync, readdirSync, readFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { readSite } from '@meridian/catalogue'
import t, { type Test } from 'tap'
import { createAnswerChecks } from './answer-checks.ts'
import { generate } from './generate.ts'
import { type NewSite, newSite } from './new-site.ts'
import { overlaysFolder } from './overlays.ts'

/** Overlays of which nothing is generated. */
function overlaysOf(t: Test): string {
  const overlays = t.testdir()
  cpSync(join(overlaysFolder, 'rubin.yaml'), join(overlays, 'rubin.yaml'))
  for (const name of ['summit', 'tucson', 'usdf'])
    for (const file of ['site.yaml', 'kustomization.yaml'])
      cpSync(join(overlaysFolder, name, file), join(overlays, name, file))
  return overlays
}

const DALE: NewSite = {
  name: 'dale',
  host: 'dale.example.org',
  instances: ['MTMount', 'ESS:1,2', 'Shed', 'ESS:7'],
  homeMade: ['Shed'],
  like: 'tucson'
}

t.test('a new site has its list, the sizes and the kustomization of another, and is generated', t => {
  const overlays = overlaysOf(t)
  t.match(newSite(overlays, DALE), { isGood: true, lines: [/\/dale: 11 files$/] })
  const folder = join(overlays, 'dale')
  t.same(readdirSync(folder).sort(), ['generated', 'kustomization.yaml', 'site.yaml'])
  const site = readSite(join(folder, 'site.yaml'))
  const { host, gateways, nats } = site.deploy
  t.match(site, { name: 'dale', observatory: 'dale' })
  const tucson = readSite(join(overlays, 'tucson/site.yaml')).deploy
  t.same({ host, gateways, nats }, { host: DALE.host, gateways: tucson.gateways, nats: tucson.nats })
  t.same(
    site.instances.map(({ csc, index }) => `${csc}:${index}`),
    ['MTMount:0', 'ESS:1', 'ESS:2', 'ESS:7', 'Shed:0']
  )
  const kustomization = readFileSync(join(folder, 'kustomization.yaml'), 'utf8')
  t.match(kustomization, /^# Made like tucson; it is yours to change\.\napiVersion/)
  t.equal(
    kustomization.split('\n').filter(line => line.includes('tucson')).length,
    1,
    'its own name everywhere else'
  )
  t.same(generate(overlays, ['dale'], { check: true }), { lines: [], isGood: true })
  t.end()
})

t.test('it may be called otherwise for people, and take what it leaves out from a file', t => {
  const overlays = overlaysOf(t)
  const more = { like: 'summit', extends: '../rubin.yaml', observatory: 'Dale: "the" valley' }
  // What Rubin's sites have in common names instances that are not here.
  const { lines, isGood } = newSite(overlays, { ...DALE, ...more })
  t.equal(isGood, false)
  t.ok(
    lines.some(line => /^CAT_SITE_UNKNOWN: \S*rubin\.yaml:\d+: parts\.MTM2:0: /.test(line)),
    lines.join('\n')
  )
  const instances = ['MTMount', 'MTM2', 'MTM1M3', 'ESS:1', 'ScriptQueue:1', 'Shed']
  t.match(newSite(overlays, { ...DALE, ...more, instances }), { isGood: true })
  const site = readSite(join(overlays, 'dale/site.yaml'))
  t.match(site, { observatory: 'Dale: "the" valley', deploy: { gateways: { min: 3, max: 20 } } })
  t.ok(site.subsystems.includes('Main Telescope'))
  t.end()
})

t.test('what cannot be is told in a line each, and nothing is written', t => {
  const overlays = overlaysOf(t)
  const before = readdirSync(overlays)
  const faulty = { ...DALE, host: 'Dale', instances: ['MTMuont', 'ESS:1,1'], homeMade: [] }
  const { lines, isGood } = newSite(overlays, faulty)
  t.equal(isGood, false)
  t.match(lines, [
    /^CAT_SITE_INVALID: \S*\/dale\/site\.yaml:5: deploy\.host: must be a host name/,
    /^CAT_SITE_UNKNOWN: \S*\/dale\/site\.yaml:11: instances\.MTMuont: .*did you mean 'MTMount'/,
    /^CAT_SITE_DUPLICATE: \S*\/dale\/site\.yaml:12: instances\.ESS: index 1 twice$/
  ])
  t.equal(lines.length, 3)
  const far = join('..', relative('..', overlays))
  t.match(newSite(far, { ...DALE, extends: 'more.yaml' }).lines, [
    /^CAT_SITE_UNREADABLE: \S*\/dale\/site\.yaml:\d+: .*\/dale\/more\.yaml'$/
  ])
  const refusals: readonly (readonly [Partial<NewSite>, RegExp])[] = [
    [{ name: 'Dale' }, /'Dale' cannot be the name of a site/],
    [{ name: 'summit' }, /summit is there already/],
    [{ like: 'moon' }, /--like moon: .*moon\/site\.yaml is not there/],
    [{ like: 'usdf' }, /only reads another site/],
    [{ instances: ['ESS:x'] }, /'x' is no index/],
    [{ instances: ['ESS:1:2'] }, /MTMount, ESS:301 or ESS:1,2 is expected/],
    [{ instances: ['a b'] }, /'a b' cannot be the name of a component/]
  ]
  for (const [change, message] of refusals)
    t.throws(() => newSite(overlays, { ...DALE, ...change }), { code: 'RUN_BAD_OPTION', message })
  t.same(readdirSync(overlays), before)
  t.end()
})

t.test('each answer is judged by itself, before the others are there', t => {
  const overlays = overlaysOf(t)
  const before = readdirSync(overlays)
  const checks = createAnswerChecks(overlays, { name: 'dale', like: 'tucson' })
  const refused = (check: () => void, message: RegExp): void =>
    void t.throws(check, { code: 'RUN_BAD_OPTION', message })
  checks.host('dale.example.org')
  refused(() => checks.host('Dale'), /deploy\.host: must be a host name such as/)
  checks.instances(['MTMount', 'Shed', 'ESS:1,2'])
  refused(() => checks.instances(['MTMuont', 'Shed']), /: instances\.MTMuont: .*did you mean 'MTMount'\?$/)
  refused(() => checks.instances(['ESS:1', 'ESS:1', 'MTMount:3']), /index 1 twice; .*MTMount is not indexed/)
  refused(() => checks.instances(['ESS:x']), /'x' is no index/)
  refused(() => checks.instances([]), /instances: must/)
  t.same(checks.likelyHomeMade(['MTMount', 'Shed', 'Shed:2', 'MTMuont']), ['Shed'])
  checks.homeMade(['Shed'], ['MTMount', 'Shed'])
  refused(() => checks.homeMade([], ['MTMount', 'Shed']), /instances\.Shed: .*home-made one needs a line/)
  refused(() => checks.homeMade(['a b'], ['MTMount']), /'a b' cannot be the name of a component/)
  t.same(readdirSync(overlays), before, 'nothing stays of it')
  t.end()
})
