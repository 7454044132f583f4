import type { Update } from '@meridian/client'
import t from 'tap'
import { createRefusedNamesLog, isNews, refusedNamesText } from './refused-names.ts'

const event = (producer: number, fields: Readonly<Record<string, unknown>>, received = 1000): Update =>
  ({
    parts: { class: 'evt', csc: 'Producer', index: producer, topic: 'refusedNames' },
    fields: {
      component: 'Cam',
      class: 'evt',
      setting: 'NAMES_PER_UNKNOWN',
      bound: 200,
      refused: 1,
      example: 'evt.summit.Cam.0.t201',
      ...fields
    },
    received
  }) as unknown as Update

t.test('the newest refusal of names is kept for each producer, component and class', async t => {
  const { all, apply } = createRefusedNamesLog()
  for (const fields of [{}, { refused: 2 }, { class: 'tel' }, { component: 'Dog' }])
    t.ok(apply(event(1, fields)))
  t.ok(apply(event(2, {})))
  t.same(
    all.value.map(one => [one.producer, one.component, one.class, one.refused]),
    [
      [1, 'Cam', 'evt', 2],
      [1, 'Cam', 'tel', 1],
      [1, 'Dog', 'evt', 1],
      [2, 'Cam', 'evt', 1]
    ]
  )
  t.notOk(apply(event(1, { component: 7 })))
})

t.test('it stays bounded, whatever components are made up', async t => {
  const { all, apply } = createRefusedNamesLog()
  for (let i = 0; i < 500; i++) apply(event(1, { component: `Made${i}` }))
  t.equal(all.value.length, 50)
  t.equal(all.value.at(-1)?.component, 'Made499')
})

t.test('a refusal says how much, why and one of the names, and is no news after an hour', async t => {
  const { all, apply } = createRefusedNamesLog()
  apply(event(1, { refused: 64 }))
  const [told] = all.value
  if (told === undefined) throw new Error('nothing was told')
  t.equal(
    refusedNamesText(told),
    '64 messages under new names of Cam refused, such as evt.summit.Cam.0.t201: the bound is 200 (NAMES_PER_UNKNOWN)'
  )
  t.ok(isNews(told, 4600))
  t.notOk(isNews(told, 4601))
})
