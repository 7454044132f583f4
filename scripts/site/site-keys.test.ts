import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { publicKeyOf } from '@meridian/broker'
import { loadCatalogue, readSite } from '@meridian/catalogue'
import { processKinds } from '@meridian/subjects'
import t, { type Test } from 'tap'
import { reasonOf } from '../command-line.ts'
import { makeSiteKeys } from './site-keys.ts'

const SITE = `# The hill.
name: hill
deploy:
  host: hill.example.org # by hand
instances:
  MTMount: [0]
`

function createPlace(t: Test, site = SITE) {
  const overlays = t.testdir({ hill: { 'site.yaml': site } })
  const asked = { name: 'hill', renew: [], forget: false }
  return {
    overlays,
    make: (more: Partial<Parameters<typeof makeSiteKeys>[1]> = {}) =>
      makeSiteKeys(overlays, { ...asked, ...more }),
    deploy: () => readSite(join(overlays, 'hill/site.yaml'), loadCatalogue()).deploy,
    text: () => readFileSync(join(overlays, 'hill/site.yaml'), 'utf8'),
    secrets: () =>
      Object.fromEntries(
        readFileSync(join(overlays, 'hill/keys.env'), 'utf8')
          .trim()
          .split('\n')
          .map(line => /^(.+?)=(.*)$/.exec(line)?.slice(1) as [string, string])
      )
  }
}

t.test('each kind gets a seed, and its public half stands in the site file, whose comments stay', async t => {
  const { overlays, make, deploy, text, secrets } = createPlace(t)
  t.match(make(), { isGood: true })
  for (const kind of processKinds) t.equal(deploy().nkeys[kind], publicKeyOf(secrets()[`${kind}.seed`] ?? ''))
  t.match(secrets(), { 'admin.word': /^.{32}$/, 'admin.conf': /^"\$JS\.API\..{32}\.>": "\$JS\.API\.>"$/ })
  t.match(secrets()['leaf.conf'], /^nkey: SU/)
  t.equal(statSync(join(overlays, 'hill/keys.env')).mode & 0o777, 0o600)
  t.ok(text().startsWith('# The hill.\nname: hill\ndeploy:\n  host: hill.example.org # by hand\n  nkeys:\n'))
  t.notMatch(text(), /\bSU[A-Z2-7]{56}\b/)
})

t.test('made again, nothing changes', async t => {
  const { make, text, secrets } = createPlace(t)
  make()
  const before = [text(), secrets()]
  t.match(make().lines, [/: 0 new, 11 kept;/, /nothing changes/])
  t.same([text(), secrets()], before)
})

t.test('a key that is renewed holds beside the new one until it is forgotten', async t => {
  const { make, deploy } = createPlace(t)
  make()
  const { gateway, api } = deploy().nkeys
  make({ renew: ['gateway'] })
  t.match(deploy(), { nkeys: { api }, oldNkeys: { gateway } })
  t.not(deploy().nkeys.gateway, gateway)
  const before = deploy()
  t.throws(() => make({ renew: ['api', 'gateway'] }), {
    code: 'RUN_BAD_OPTION',
    message: /--renew gateway: an older key still holds/
  })
  t.same(deploy(), before, 'nobody is shut out')
  make({ forget: true })
  t.same(deploy().oldNkeys, {})
})

t.test('what is no kind, no site or a faulty one is told, and nothing is written', async t => {
  const { overlays, make } = createPlace(t)
  t.throws(() => make({ renew: ['gatway'] }), { code: 'RUN_BAD_OPTION' })
  t.throws(() => makeSiteKeys(overlays, { name: 'dale', renew: [], forget: false }), {
    code: 'RUN_BAD_OPTION'
  })
  t.throws(() => statSync(join(overlays, 'hill/keys.env')))
})

t.test('what is not of keys stays letter by letter, whatever the style of the file', t => {
  const odd = `# The hill.
name:   "hill"
deploy: {host: 'hill.example.org',   nats: {servers: 1, storage: 4Gi}}   # by hand

instances: {
  MTMount: [
    0 ],
}
`
  const block = `name: hill
deploy:
    oldNkeys: { }
    host:   hill.example.org


    # about the broker
    nats: {servers: 1,storage: 4Gi}
instances: {MTMount: [0]}
`
  for (const before of [odd, block]) {
    const { make, deploy, text } = createPlace(t, before)
    for (const asked of [{}, { renew: ['api', 'gateway'] }, { forget: true }])
      t.match(make(asked), { isGood: true })
    t.equal(Object.keys(deploy().nkeys).length, processKinds.length)
    const left = text()
      .replace(/,? *nkeys: \{ .*? \}|\n *nkeys:(\n +\w+: U\w+)+/, '')
      .replace(/ *oldNkeys: \{ \}\n/, '')
    t.equal(left, before.replace(/ *oldNkeys: \{ \}\n/, ''))
  }
  t.end()
})

t.test(
  'a site file that could not be read with the keys, and a file of secrets that is none, are refused',
  t => {
    const aliased = SITE.replace('deploy:\n', 'deploy: &here\n')
    const faulty: readonly (readonly [string, RegExp])[] = [
      [
        SITE.replace('  host', '  nkeys: &none {}\n  oldNkeys: *none\n  host'),
        /site\.yaml: the keys cannot be written beside its anchors and aliases/
      ],
      [
        SITE.replace('  host', '  oldNkeys: &none {}\n  nkeys: *none\n  host'),
        /deploy\.nkeys cannot be written: it is the alias \*none/
      ]
    ]
    for (const [before, message] of faulty) {
      const { overlays, make, text } = createPlace(t, before)
      const said = told(make)
      t.match(said, message)
      t.equal(text(), before)
      t.same(readdirSync(join(overlays, 'hill')), ['site.yaml'], 'nothing is written')
    }
    const { overlays, make } = createPlace(t, aliased)
    t.match(make(), { isGood: true }, "an anchor elsewhere is in nobody's way")
    t.match(
      told(() => make({ to: overlays })),
      /^RUN_BAD_FILE: .* is a folder, and no file$/
    )
    const secrets = join(overlays, 'hill/keys.env')
    writeFileSync(secrets, readFileSync(secrets, 'utf8').replace(/^(gateway\.seed=S)./m, '$1X'))
    t.match(told(make), /^RUN_BAD_FILE: .*keys\.env: gateway\.seed is no seed/)
    t.end()
  }
)

/** What a command would tell. */
function told(make: () => { readonly lines: readonly string[] }): string {
  try {
    return make().lines.join('\n')
  } catch (caught) {
    return reasonOf(caught)
  }
}
