import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { loadCatalogue, loadSite, readSite, type Site } from '@meridian/catalogue'
import t from 'tap'
import { parse } from 'yaml'
import { parseAssignment } from '../../services/producer/src/assignment.ts'
import { root } from '../root.ts'
import { generate } from './generate.ts'
import { overlaysFolder } from './overlays.ts'
import { processIndices, producerEntries } from './producer-entries.ts'
import { profileTable } from './profile-table.ts'
import { HILL, overlaysOf } from './test-overlays.ts'

const catalogue = loadCatalogue()

/** What a producer's folder assigns to it. */
function assignmentIn(folder: string, name: string, site: Site) {
  const text = readFileSync(join(folder, 'producers', name, 'kustomization.yaml'), 'utf8')
  const { configMapGenerator } = parse(text) as { configMapGenerator: [{ literals: string[] }] }
  const values = new Map(
    configMapGenerator[0].literals.map(line => [
      line.slice(0, line.indexOf('=')),
      line.slice(line.indexOf('=') + 1)
    ])
  )
  const [produce = '', except = ''] = [values.get('PRODUCE'), values.get('EXCEPT')]
  return parseAssignment(produce, except, () => site.parts)
}

t.test('each topic has one producer, and what no producer names is the catch-all’s', t => {
  const overlays = overlaysOf(t)
  generate(overlays, [])
  const site = readSite(join(overlays, 'hill/site.yaml'), catalogue)
  const folder = join(overlays, 'hill/generated')
  const names = readdirSync(join(folder, 'producers'))
  const holders = (csc: string, index: number, kind: 'tel' | 'evt' | 'hb', name: string): readonly string[] =>
    names.filter(one => assignmentIn(folder, one, site).has({ csc, index, kind, name }))
  t.same(names, ['ess-1', 'ess-2', 'mount-event', 'mount-telemetry', 'rest'])
  t.same(holders('ESS', 1, 'tel', 'temperature'), ['ess-1'])
  t.same(holders('ESS', 3, 'tel', 'temperature'), ['rest'])
  t.same(holders('Greenhouse', 0, 'hb', 'heartbeat'), ['rest'])
  t.same(holders('MTMount', 0, 'tel', 'azimuth'), ['mount-telemetry'])
  t.same(holders('MTMount', 0, 'hb', 'heartbeat'), ['mount-event'])
  t.same(holders('MTMount', 0, 'evt', 'summaryState'), ['mount-event'])
  t.same(holders('MTMount', 0, 'tel', 'elevation'), ['rest'], 'what no part has')
  t.end()
})

t.test('at each of Rubin’s sites every topic of the catalogue has exactly one producer', t => {
  for (const name of ['summit', 'base', 'tucson']) {
    const site = loadSite(name, catalogue)
    const folder = join(overlaysFolder, name, 'generated')
    const all = readdirSync(join(folder, 'producers')).map(one => assignmentIn(folder, one, site))
    const shared = site.instances.flatMap(({ csc, index }) => {
      const component = catalogue.component(csc)
      const topics = [
        { kind: 'hb' as const, name: 'heartbeat' },
        ...[...(component?.telemetry.keys() ?? [])].map(name => ({ kind: 'tel' as const, name })),
        ...[...(component?.events.keys() ?? [])].map(name => ({ kind: 'evt' as const, name }))
      ].filter(({ kind, name }) => kind !== 'evt' || name !== 'heartbeat')
      return topics
        .filter(topic => all.filter(one => one.has({ csc, index, ...topic })).length !== 1)
        .map(topic => `${csc}:${index} ${topic.kind} ${topic.name}`)
    })
    t.same(shared, [], name)
    for (const queue of [1, 2, 3])
      t.equal(all.filter(one => one.hasQueue(queue)).length, 1, `${name}: the scripts of queue ${queue}`)
  }
  t.end()
})

t.test('a component that has indices and is listed with 0 alone is taken whatever index it uses', t => {
  const site = { ...loadSite('summit', catalogue) }
  const produced = producerEntries(site, catalogue).map(({ produce }) => produce)
  t.ok(produced.includes('DREAM:*'))
  t.ok(produced.includes('MTMount:0{only:') === false && produced.includes('MTRotator:0'))
  t.end()
})

t.test('the nearest profile counts, and the default one patches nothing', t => {
  const profiles = 'profiles: { ESS: ess, ESS:2: queue, MTMount: hot, part:mount-event: tiny, rest: ess }\n'
  const overlays = overlaysOf(t, { hill: HILL + profiles })
  generate(overlays, [])
  const memory = (name: string): string | undefined =>
    /requests: \{ cpu: \w+, memory: (\w+) \}/.exec(
      readFileSync(join(overlays, `hill/generated/producers/${name}/kustomization.yaml`), 'utf8')
    )?.[1]
  t.same(['ess-1', 'ess-2', 'mount-telemetry', 'mount-event', 'rest'].map(memory), [
    `${profileTable.ess.memoryMi}Mi`,
    `${profileTable.queue.memoryMi}Mi`,
    `${profileTable.hot.memoryMi}Mi`,
    undefined,
    `${profileTable.ess.memoryMi}Mi`
  ])
  t.end()
})

t.test('a producer keeps its index when others come and go', t => {
  const names = producerEntries(loadSite('summit', catalogue), catalogue).map(({ name }) => name)
  const all = processIndices(names)
  t.equal(new Set(all.values()).size, names.length)
  for (const index of all.values()) t.ok(index >= 1 && index < 2 ** 31)
  const half = names.filter((_, at) => at % 2 === 0)
  for (const [name, index] of processIndices(half)) t.equal(all.get(name), index, name)
  t.end()
})

const lists = process.env['MERIDIAN_SITE_LISTS'] ?? join(root, '../shared/data/sites.yaml')

t.test(
  'the three sites have as many producers as Rubin’s, of the same instances',
  { skip: !existsSync(lists) && `${lists} is not there` },
  t => {
    interface List {
      readonly instances: Readonly<Record<string, readonly number[]>>
      readonly split: Readonly<Record<string, ReadonlyArray<{ readonly name: string }>>>
    }
    const real = parse(readFileSync(lists, 'utf8')) as Readonly<Record<string, List>>
    const expected = { summit: [127, 122], base: [111, 106], tucson: [111, 106] }
    for (const [name, counts] of Object.entries(expected)) {
      const site = loadSite(name, catalogue)
      t.same([producerEntries(site, catalogue).length, site.instances.length], counts, name)
      const { instances, split } = real[name] as List
      t.same(
        site.instances,
        Object.entries(instances).flatMap(([csc, indices]) => indices.map(index => ({ csc, index }))),
        name
      )
      t.same(
        [...site.parts].map(([instance, parts]) => [instance, parts.map(part => part.name)]),
        Object.entries(split).map(([instance, parts]) => [instance, parts.map(part => part.name)]),
        name
      )
    }
    t.end()
  }
)
