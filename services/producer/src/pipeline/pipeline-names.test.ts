import { samplesOf, splitPattern } from '@meridian/subjects'
import t from 'tap'
import { createBench } from '../../test/pipeline-bench.ts'

t.test('a component that makes up indices, topics or keys takes no room from the others', async t => {
  const bench = createBench({ perComponent: 10 }, ['MTMount:0', 'Watcher:0'])
  for (let i = 1; i <= 40; i++) bench.take(`MTMount.${i}.tel.azimuth`, { actualPosition: 1 })
  for (let i = 1; i <= 40; i++) bench.take('Watcher.0.evt.alarm', { name: `alarm${i}` })
  for (let i = 1; i <= 40; i++) bench.take(`MTDome.1.tel.made${i}`, { x: 1 })
  t.equal(bench.counts.rejected.PRD_TOO_MANY_NAMES, 90)
  t.equal(bench.take('MTMount.41.tel.azimuth', { actualPosition: 1 }), undefined)
  t.ok(bench.take('MTMount.1.tel.azimuth', { actualPosition: 1 }), 'a name that was let through stays')
  t.ok(bench.take('Watcher.0.evt.alarm', { name: 'alarm7' }), 'so does a key')
  for (const topic of [
    'MTMount.0.tel.elevation',
    'MTMount.0.evt.target',
    'MTMount.0.hb',
    'Watcher.0.evt.heartbeat'
  ])
    t.ok(bench.take(topic, {}), `${topic}: what site and catalogue list always has room`)
  t.ok(bench.take('MTMount.3.evt.target', {}), 'classes are counted apart')
  t.ok(bench.take('ATDome.0.tel.position', {}), 'and so are components')
  t.match(bench.refusals[0], {
    component: 'MTMount',
    class: 'tel',
    setting: 'NAMES_PER_COMPONENT',
    bound: 10,
    refused: 1,
    example: 'tel.summit.MTMount.11.azimuth'
  })
  t.same(
    bench.refusals.filter(one => one.component === 'Watcher').map(one => one.refused),
    [1, 2, 4, 8, 16],
    'told as their number doubles'
  )
})

t.test('components that nobody lists are bounded in number; one that the site lists has room', async t => {
  const bench = createBench()
  for (let i = 1; i <= 20; i++) bench.take(`Made${i}.0.tel.x`, { x: 1 })
  t.equal(bench.unknownTopics(), 3)
  t.match(bench.refusals.at(-1), { setting: 'UNKNOWN_COMPONENTS', bound: 3, refused: 16 })
  t.ok(bench.take('Greenhouse.0.tel.climate', { celsius: 20 }))
  t.ok(bench.take('Made1.0.tel.y', { x: 1 }), 'one that was let through goes on')
  bench.names.forget('Made2', samplesOf({ site: 'summit', csc: 'Made2', index: 0 }).map(splitPattern))
  t.ok(bench.take('Made20.0.tel.x', { x: 1 }), 'one that is forgotten makes room')
  t.equal(bench.take('Made19.0.tel.x', { x: 1 }), undefined)
})

t.test('names that are released make room, for components too', async t => {
  const bench = createBench({ unknownComponents: 1, perUnknown: 2 })
  for (const topic of ['a', 'b']) t.ok(bench.take(`Made.0.tel.${topic}`, { x: 1 }))
  t.equal(bench.take('Made.0.tel.c', { x: 1 }), undefined)
  bench.names.release('tel', new Set(['tel.summit.Made.0.a']))
  t.same(bench.names.all('tel'), ['tel.summit.Made.0.b'])
  t.ok(bench.take('Made.0.tel.c', { x: 1 }))
  t.equal(bench.take('Other.0.tel.a', { x: 1 }), undefined)
  bench.names.release('tel', new Set(bench.names.all('tel')))
  t.ok(bench.take('Other.0.tel.a', { x: 1 }))
})

t.test('names that the streams hold from before count, and stay', async t => {
  const bench = createBench({ perComponent: 2 })
  for (const index of [1, 2, 3]) bench.names.know('MTMount', 'tel', `tel.summit.MTMount.${index}.azimuth`)
  t.ok(bench.take('MTMount.3.tel.azimuth', { actualPosition: 1 }))
  t.equal(bench.take('MTMount.4.tel.azimuth', { actualPosition: 1 }), undefined)
})

t.test('scripts have as many names as they want: their stream forgets them', async t => {
  const bench = createBench({ perComponent: 2, perUnknown: 2 })
  for (let i = 0; i < 50; i++) t.ok(bench.take(`Script.${100000 + i}.evt.state`, { state: 1 }))
})

t.test('a key that is none is counted and logged once per topic, and disturbs nothing', async t => {
  const bench = createBench()
  const keys = ['{"toString": 1}', '[1]', '{}', '1e400']
  for (let i = 0; i < 50; i++)
    for (const key of keys) t.equal(bench.take('Watcher.0.evt.alarm', `{"name": ${key}}`), undefined)
  t.equal(bench.counts.rejected.PRD_BAD_KEY, 200)
  const logged = bench.log.records.filter(record => record['code'] === 'PRD_BAD_KEY')
  t.equal(logged.length, 1)
  t.ok(JSON.stringify(logged[0]).length < 300)
  t.match(logged[0], { topic: 'Watcher.0.alarm' })
})

t.test('each topic and reason is logged once, and a flood of topics at a limited rate', async t => {
  const bench = createBench()
  for (let i = 0; i < 5; i++) for (const topic of ['a', 'b']) bench.take(`Shed.0.tel.${topic}`, 'garbage')
  t.equal(bench.log.records.filter(record => record['code'] === 'PRD_BAD_PAYLOAD').length, 2)
  for (let i = 0; i < 3_000; i++) bench.take(`Shed.0.tel.made${i}`, 'garbage')
  t.ok(bench.log.records.filter(record => record['code'] === 'PRD_BAD_PAYLOAD').length <= 1_001)
  t.equal(bench.counts.rejected.PRD_BAD_PAYLOAD, 3_010)
})
