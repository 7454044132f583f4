import t from 'tap'
import { summit } from '../../test/harness/summit.ts'
import { arrange, matchesSearch, type OverviewFilter } from './arrange.ts'
import type { Condition } from './condition.ts'
import { countConditions } from './counts.ts'
import { headingsOf, subsystemOf } from './site-facts.ts'

const make = (csc: string, index: number, condition: Condition) => ({
  id: `${csc}:${index}`,
  csc,
  index,
  condition
})
const all = [
  make('ESS', 301, 'enabled'),
  make('ESS', 104, 'silent'),
  make('MTMount', 0, 'enabled'),
  make('MTCamera', 0, 'fault'),
  make('ATDome', 0, 'enabled')
]
const filter: OverviewFilter = { search: '', conditions: new Set(), problemsFirst: false }
const arrangement = {
  conditionOf: (item: (typeof all)[number]) => item.condition,
  subsystemOf: (item: (typeof all)[number]) => subsystemOf(summit, item.csc),
  headings: headingsOf(summit)
}
const ids = (part: Partial<OverviewFilter>) =>
  arrange(all, arrangement, { ...filter, ...part }).map(s => [s.subsystem, ...s.items.map(i => i.id)])

t.test('components stand under their subsystem, in a fixed order', async t => {
  t.same(ids({}), [
    ['Main Telescope', 'MTMount:0'],
    ['Camera', 'MTCamera:0'],
    ['Auxiliary Telescope', 'ATDome:0'],
    ['Environment', 'ESS:104', 'ESS:301']
  ])
})

t.test('problems first puts the section with a fault in front', async t => {
  t.same(ids({ problemsFirst: true })[0], ['Camera', 'MTCamera:0'])
  t.same(ids({ problemsFirst: true })[1], ['Environment', 'ESS:104', 'ESS:301'])
})

t.test('search and filter narrow each other', async t => {
  t.same(ids({ search: 'ess 30' }), [['Environment', 'ESS:301']])
  t.same(ids({ search: 'ess', conditions: new Set(['silent'] as const) }), [['Environment', 'ESS:104']])
  t.same(ids({ search: 'nothing' }), [])
  t.ok(matchesSearch('MTMount:0', ''))
})

t.test(
  'what neither catalogue nor site knows stands under Other, and so does all until the site is known',
  async t => {
    t.equal(subsystemOf(summit, 'MTGreenhouse'), 'Other')
    t.equal(subsystemOf(summit, 'constructor'), 'Other')
    t.equal(subsystemOf(summit, 'MTOODS'), 'Camera')
    t.equal(subsystemOf(summit, 'ScriptQueue'), 'Scheduling & scripts')
    t.equal(subsystemOf(undefined, 'MTMount'), 'Other')
    t.same(headingsOf(undefined), ['Other'])
    t.same(headingsOf(summit).slice(-2), ['Scheduling & scripts', 'Other'])
  }
)

t.test('every instance is counted once', async t => {
  const counts = countConditions(all.map(item => item.condition))
  t.equal(counts.enabled, 3)
  t.equal(counts.fault, 1)
  t.equal(
    Object.values(counts).reduce((a, b) => a + b),
    all.length
  )
})
