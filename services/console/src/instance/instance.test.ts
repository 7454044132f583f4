import type { Update } from '@meridian/client'
import { signal } from '@preact/signals'
import t from 'tap'
import { summit } from '../../test/harness/summit.ts'
import { gather } from '../announcer.ts'
import type { ComponentSpec, FieldSpec } from '../catalogue.ts'
import { nextTile } from '../overview/grid-keys.ts'
import { componentFactsOf } from '../site/site-facts.ts'
import { topicTextOf } from './event-text.ts'
import { fieldText, numberFormatOf } from './field-text.ts'
import { staleAfterMs } from './freshness.ts'
import { rowsOf } from './rows.ts'
import { createTopicStore, type TopicModel } from './topic-store.ts'
import { visibleRange } from './visible-range.ts'

const spec: ComponentSpec = {
  name: 'MTMount',
  indexed: false,
  commands: [],
  events: [
    { name: 'motion', fields: [{ name: 'state', type: 'int', count: 1, units: '', enumeration: 'Motion' }] }
  ],
  telemetry: [
    {
      name: 'azimuth',
      rateHz: 20,
      fields: [
        { name: 'actualPosition', type: 'double', count: 1, units: 'deg' },
        { name: 'force', type: 'double', count: 3, units: 'N' }
      ]
    }
  ],
  enumerations: [{ name: 'Motion', items: [{ name: 'MOVING', value: 1 }] }]
}

function update(subject: string, fields: Record<string, unknown>, more: Partial<Update> = {}): Update {
  const [kind = '', site = '', csc = '', index, topic = '', key] = subject.split('.')
  const parts = { class: kind, site, csc, index: Number(index), topic, ...(key && { key }) }
  return {
    subject,
    parts,
    seq: 1,
    time: 100,
    received: 100,
    fields,
    snapshot: false,
    uncatalogued: false,
    ...more
  }
}

const filter = {
  closedTopics: new Set<string>(),
  openArrays: new Set<string>(),
  search: '',
  timestamps: false
}
const azimuth = 'tel.summit.MTMount.0.azimuth'

function storeOf() {
  const store = createTopicStore(signal(componentFactsOf(summit, 'MTMount').firstTopics ?? []))
  store.apply(update('tel.summit.MTMount.0.zebra', { stripes: 4, extra: 'x' }), 0)
  store.apply(update('evt.summit.MTMount.0.motion', { state: 1 }), 0)
  store.apply(update(azimuth, { actualPosition: 12.5, force: [1, 2, 3], surprise: true }), 0)
  store.settle()
  return store
}

t.test(
  'the topics an operator needs first stand on top, with fields in the order of the catalogue',
  async t => {
    const rows = rowsOf(storeOf().topics.value, spec, filter)
    t.same(
      rows.map(row => (row.kind === 'topic' ? row.topic.name : ` ${row.field.name}`)),
      ['azimuth', ' actualPosition', ' force', ' surprise', 'zebra', ' stripes', ' extra', 'motion', ' state']
    )
  }
)

t.test('topics go to their places when the site is known later than they are', async t => {
  const first = signal<readonly string[]>([])
  const store = createTopicStore(first)
  for (const name of ['zebra', 'azimuth', 'elevation'])
    store.apply(update(`tel.summit.MTMount.0.${name}`, { a: 1 }), 0)
  store.settle()
  const names = () => store.topics.value.map(({ name }) => name)
  t.same(names(), ['azimuth', 'elevation', 'zebra'])
  first.value = ['zebra']
  t.same(names(), ['zebra', 'azimuth', 'elevation'])
})

t.test('a topic that came without fields at first gets its lines with the next message', async t => {
  const store = createTopicStore(signal(componentFactsOf(summit, 'MTMount').firstTopics ?? []))
  store.apply(update(azimuth, {}), 0)
  store.settle()
  const before = store.topics.value
  store.apply(update(azimuth, { actualPosition: 1 }), 50)
  store.show()
  t.not(store.topics.value, before, 'whoever lists the fields is told')
  t.equal(rowsOf(store.topics.value, undefined, filter).filter(row => row.kind === 'field').length, 1)
  const after = store.topics.value
  store.apply(update(azimuth, { actualPosition: 2 }), 100)
  store.show()
  t.equal(store.topics.value, after, 'and not for mere values')
})

t.test('an opened array has a line for each element, a closed topic none', async t => {
  const { topics } = storeOf()
  const open = rowsOf(topics.value, spec, { ...filter, openArrays: new Set([`${azimuth} force`]) })
  t.equal(open.filter(row => row.kind === 'element').length, 3)
  const closed = rowsOf(topics.value, spec, { ...filter, closedTopics: new Set([azimuth]) })
  t.equal(closed.filter(row => row.topic.subject === azimuth).length, 1)
})

t.test('an array has as many lines as it sent elements last, one of one element too', async t => {
  const store = storeOf()
  const grow = (elements: readonly number[]) => {
    store.apply(update('tel.summit.MTMount.0.zebra', { stripes: elements, extra: 'x' }), 1)
    store.show()
  }
  const openArrays = new Set(['tel.summit.MTMount.0.zebra stripes'])
  const elements = () =>
    rowsOf(store.topics.value, spec, { ...filter, openArrays }).filter(row => row.kind === 'element').length
  grow([1])
  t.equal(elements(), 1)
  grow([1, 2, 3])
  t.equal(elements(), 3)
  const before = store.topics.value
  grow([1, 2, 3, 4, 5])
  t.not(store.topics.value, before, 'whoever lists the elements is told')
  t.equal(elements(), 5)
})

t.test('a field keeps its number format from value to value', async t => {
  const [topic] = storeOf().topics.value
  const field = spec.telemetry[0]?.fields[0] as FieldSpec
  const text = (value: number) => fieldText(spec, field, value, numberFormatOf(topic as TopicModel, field))
  t.same([text(3.3449), text(0), text(-1.9549e-5)], ['3.3449', '0.0000', '0.0000'])
})

t.test('a search finds fields and opens their topics', async t => {
  const rows = rowsOf(storeOf().topics.value, spec, {
    ...filter,
    closedTopics: new Set([azimuth]),
    search: 'Position'
  })
  t.same(
    rows.map(row => row.kind),
    ['topic', 'field']
  )
})

t.test('fields that say when others were measured are listed when asked for, or searched for', async t => {
  const store = createTopicStore(signal(componentFactsOf(summit, 'MTMount').firstTopics ?? []))
  store.apply(update(azimuth, { actualPosition: 1, actualPositionTimestamp: 5, timestamp: 6 }), 0)
  store.apply(update('tel.summit.MTMount.0.loop', { timestamp: 6 }), 0)
  store.settle()
  const names = (more: object) =>
    rowsOf(store.topics.value, undefined, { ...filter, ...more }).flatMap(row =>
      row.kind === 'field' ? [`${row.topic.name}.${row.field.name}`] : []
    )
  t.same(names({}), ['azimuth.actualPosition', 'loop.timestamp'], 'a topic of nothing else keeps its own')
  t.equal(names({ timestamps: true }).length, 4)
  t.same(names({ search: 'PositionTimestamp' }), ['azimuth.actualPositionTimestamp'])
  t.same(names({ search: 'actual' }), ['azimuth.actualPosition'])
})

t.test('news of a known topic waits for the next showing', async t => {
  const store = storeOf()
  const topic = store.topics.value.find(one => one.subject === azimuth)
  store.apply(update(azimuth, { actualPosition: 13 }), 5)
  t.match(topic?.latest.value.fields, { actualPosition: 12.5 })
  store.show()
  t.match(topic?.latest.value.fields, { actualPosition: 13 })
  t.equal(topic?.heardMs.value, 5)
})

t.test('values are shown with the name of their meaning', async t => {
  t.equal(topicTextOf(spec, 'motion', { state: 1 }), 'state=MOVING (1)')
  t.equal(fieldText(spec, spec.telemetry[0]?.fields[1] as FieldSpec, [1, 2, 3]), '[1.000, 2.000, 3.000]')
  t.equal(topicTextOf(undefined, 'logMessage', { message: 'hello', traceback: '' }), 'hello')
  t.equal(topicTextOf(undefined, 'errorCode', { errorCode: 5, errorReport: 'bad' }), '5 bad')
})

t.test('telemetry is stale after missing several of its messages, but not before three seconds', async t => {
  t.equal(staleAfterMs(50), 3000)
  t.equal(staleAfterMs(0.2), 25_000)
  t.equal(staleAfterMs(undefined), 10_000)
})

t.test('only lines in sight are drawn', async t => {
  t.same(visibleRange(0, 240, 24, 10_000), [0, 18])
  t.same(visibleRange(24_000, 240, 24, 10_000), [992, 1018])
  t.same(visibleRange(99_999, 240, 24, 3), [3, 3])
})

t.test('arrows move between tiles as the eye does', async t => {
  const boxes = [
    { left: 0, top: 0 },
    { left: 100, top: 0 },
    { left: 200, top: 0 },
    { left: 0, top: 50 },
    { left: 100, top: 50 }
  ]
  t.equal(nextTile(boxes, 1, 'ArrowDown'), 4)
  t.equal(nextTile(boxes, 2, 'ArrowDown'), 4)
  t.equal(nextTile(boxes, 4, 'ArrowUp'), 1)
  t.equal(nextTile(boxes, 0, 'ArrowUp'), 0)
  t.equal(nextTile(boxes, 2, 'ArrowRight'), 3)
  t.equal(nextTile(boxes, 2, 'End'), 4)
})

t.test('many announcements become a short one', async t => {
  t.equal(gather(['a', 'b', 'c', 'd', 'e']), 'a. b. c, and 2 more')
})

t.test('a summary state has its word also where no catalogue knows the component', async t => {
  const field = { name: 'summaryState', type: '', count: 1, units: '' }
  t.equal(fieldText(undefined, field, 2), 'ENABLED (2)')
  t.equal(fieldText(undefined, field, 9), 'unknown enumeration value 9')
  t.equal(topicTextOf(undefined, 'summaryState', { summaryState: 4 }), 'summaryState=OFFLINE (4)')
  t.equal(fieldText(undefined, { ...field, name: 'state' }, 2), '2')
})
