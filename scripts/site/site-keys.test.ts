import { readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { publicKeyOf } from '@meridian/broker'
import { loadCatalogue, readSite } from '@meridian/catalogue'
import { processKinds } from '@meridian/subjects'
import t, { type Test } from 'tap'
import { makeSiteKeys } from './site-keys.ts'

const SITE = `# The hill.
name: hill
deploy:
  host: hill.example.org # by hand
instances:
  MTMount: [0]
`

function createPlace(t: Test) {
  const overlays = t.testdir({ hill: { 'site.yaml': SITE } })
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
  for (const line of ['# The hill.', 'host: hill.example.org # by hand']) t.match(text(), line)
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
