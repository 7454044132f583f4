import { join } from 'node:path'
import t from 'tap'
import { loadCatalogue, loadInstances, loadSite, readSite, type SiteProblem, siteNames } from './index.ts'

const catalogue = loadCatalogue()

const refusal = (
  t: { testdir(files: Record<string, string>): string },
  text: string,
  name = 'here'
): { code: string; problems: SiteProblem[] } => {
  const file = join(t.testdir({ 'site.yaml': text }), 'site.yaml')
  try {
    readSite(file, { name, catalogue })
  } catch (error) {
    const { code, facts } = error as { code: string; facts: { problems: SiteProblem[] } }
    return { code, problems: facts.problems }
  }
  throw new Error('was accepted')
}

t.test('the shipped file has the three sites of Rubin and a small one', async t => {
  t.same(siteNames(), ['summit', 'base', 'tucson', 'small'])
  const sizes = siteNames().map(name => loadSite(name, catalogue).instances.length)
  t.same(sizes, [122, 106, 106, 12])
  const summit = loadSite('summit', catalogue)
  t.equal(new Set(summit.instances.map(({ csc }) => csc)).size, 57)
  t.equal(summit.instances.filter(({ csc }) => csc === 'ESS').length, 39)
  t.same([...summit.split.keys()], ['MTM1M3:0', 'MTM2:0', 'MTMount:0'])
  t.equal(summit.split.get('MTM1M3:0')?.length, 4)
})

t.test('a file with one site needs no name', async t => {
  const file = join(
    t.testdir({ 'site.yaml': 'home:\n  instances: { ESS: [1, 2], ATDome: [0] }\n' }),
    'site.yaml'
  )
  t.same(readSite(file, { catalogue }), {
    name: 'home',
    instances: [
      { csc: 'ESS', index: 1 },
      { csc: 'ESS', index: 2 },
      { csc: 'ATDome', index: 0 }
    ],
    split: new Map()
  })
})

t.test('an unknown component is named, with the one that was probably meant', async t => {
  const { code, problems } = refusal(t, 'here:\n  instances: { mtmount: [0], Greenhouse: [0] }\n')
  t.equal(code, 'CAT_SITE_UNKNOWN')
  t.match(problems, [
    { where: 'here.instances.mtmount', message: /did you mean 'MTMount'/ },
    { where: 'here.instances.Greenhouse' }
  ])
})

t.test('an index twice and a component twice are duplicates', async t => {
  t.match(refusal(t, 'here:\n  instances: { ESS: [301, 302, 301] }\n'), {
    code: 'CAT_SITE_DUPLICATE',
    problems: [{ where: 'here.instances.ESS', message: /301/ }]
  })
  t.match(refusal(t, 'here:\n  instances:\n    ESS: [1]\n    ESS: [2]\n'), {
    code: 'CAT_SITE_DUPLICATE',
    problems: [{ where: 'line 4' }]
  })
})

t.test('an index that a component cannot have is refused', async t => {
  t.match(refusal(t, 'here:\n  instances: { MTMount: [1], ESS: [-4] }\n'), {
    code: 'CAT_SITE_INDEX',
    problems: [{ message: /not indexed/ }, { message: /-4/ }]
  })
})

t.test('parts of a split may not share a topic or a name, nor name what does not exist', async t => {
  const { problems } = refusal(
    t,
    [
      'here:',
      '  instances: { MTMount: [0] }',
      '  split:',
      '    MTMount:0:',
      '      - { name: one, telemetry: [azimuth, elevation], events: [azimuth] }',
      '      - { name: one, telemetry: [elevation, ackcmd] }',
      '    MTM2:0:',
      '      - { name: two, telemetry: [position] }'
    ].join('\n')
  )
  t.same(
    problems.map(problem => problem.code),
    ['CAT_SITE_SPLIT', 'CAT_SITE_UNKNOWN', 'CAT_SITE_UNKNOWN', 'CAT_SITE_DUPLICATE']
  )
  t.match(problems[0], { message: "telemetry topic 'elevation' is in more than one part" })
})

t.test('a file of another form is refused by the place where it differs', async t => {
  t.match(refusal(t, 'here:\n  instances: { ESS: 301 }\n'), {
    code: 'CAT_SITE_INVALID',
    problems: [{ where: 'here.instances.ESS' }]
  })
  t.equal(refusal(t, 'here:\n  instance: { ESS: [301] }\n').code, 'CAT_SITE_INVALID')
  t.equal(refusal(t, '').code, 'CAT_SITE_INVALID')
  t.equal(refusal(t, 'here: [unclosed').code, 'CAT_SITE_UNREADABLE')
  t.equal(refusal(t, 'here:\n  instances: { ESS: [1] }\n', 'there').code, 'CAT_SITE_UNKNOWN')
  t.throws(() => readSite('/nowhere/site.yaml', { catalogue }), {
    code: 'CAT_SITE_UNREADABLE',
    message: /nowhere/
  })
})

t.test("a site's instances are in its own file or in the shipped one, where it may be missing", async t => {
  const shipped = { file: '', list: '', site: 'small' }
  t.same(loadInstances(shipped, catalogue), loadSite('small', catalogue))
  t.equal(
    loadInstances({ ...shipped, list: 'base' }, catalogue)?.name,
    'base',
    'the list goes before the site'
  )
  t.equal(loadInstances({ ...shipped, site: 'hill' }, catalogue), undefined)
  t.equal(loadInstances({ ...shipped, list: 'hill' }, catalogue), undefined)

  const file = join(t.testdir({ 'site.yaml': 'hill:\n  instances: { ESS: [4] }\n' }), 'site.yaml')
  t.same(loadInstances({ file, list: '', site: 'hill' }, catalogue)?.instances, [{ csc: 'ESS', index: 4 }])
  t.same(loadInstances({ file, list: 'hill', site: 'small' })?.instances, [{ csc: 'ESS', index: 4 }])
  t.throws(() => loadInstances({ file, list: '', site: 'small' }, catalogue), { code: 'CAT_SITE_UNKNOWN' })
  t.throws(() => loadInstances({ ...shipped, file: '/nowhere/site.yaml' }), { code: 'CAT_SITE_UNREADABLE' })
})
