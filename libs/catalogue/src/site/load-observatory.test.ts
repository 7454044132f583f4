import { join } from 'node:path'
import t from 'tap'
import { loadObservatory, shippedFacts } from '../index.ts'

const nothing = { SITE: 'small', SITE_FILE: '', CATALOGUE_FILE: '' }

t.test('a site is in its own file, or in the shipped one of its name', async t => {
  const small = loadObservatory(nothing).site
  t.equal(small.instances.length, 12)
  t.match(small.file, /small\.yaml$/)

  const SITE_FILE = join(t.testdir({ 'site.yaml': 'name: hill\ninstances: { ESS: [4] }\n' }), 'site.yaml')
  const hill = loadObservatory({ SITE: 'hill', SITE_FILE, CATALOGUE_FILE: shippedFacts })
  t.same(hill.site.instances, [{ csc: 'ESS', index: 4 }])
  t.equal(hill.catalogue.version, '28.0.1')
})

t.test('a site of which there is no file has its name, the defaults and no instances', async t => {
  const { site } = loadObservatory({ ...nothing, SITE: 'hill' })
  t.match(site, { name: 'hill', observatory: 'hill', instances: { length: 0 }, file: undefined })
  t.ok('*.stop*' in site.commands.stops)
})

t.test('a file of another site is refused, so that no process publishes under a wrong name', async t => {
  const SITE_FILE = join(t.testdir({ 'site.yaml': 'name: hill\ninstances: { ESS: [4] }\n' }), 'site.yaml')
  t.throws(() => loadObservatory({ ...nothing, SITE: 'summit', SITE_FILE }), {
    code: 'CAT_SITE_NAME',
    message: /site\.yaml' is of 'hill', but SITE is 'summit'/
  })
  t.throws(() => loadObservatory({ ...nothing, SITE_FILE: '/nowhere/site.yaml' }), {
    code: 'CAT_SITE_UNREADABLE'
  })
})
