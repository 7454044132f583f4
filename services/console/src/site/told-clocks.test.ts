import type { Update } from '@meridian/client'
import t from 'tap'
import { createToldClocks, tellingOf } from './told-clocks.ts'

const event = (offset: unknown, received: number, producer = 1): Update =>
  ({
    parts: { class: 'evt', csc: 'Producer', index: producer, topic: 'clockOffset' },
    fields: { component: 'Rain', index: 0, offset },
    received
  }) as unknown as Update

t.test('what was told of a clock last counts', async t => {
  const { byId, apply } = createToldClocks()
  t.ok(apply(event(-37, 100)))
  t.same(byId.value.get('Rain:0'), { producer: 1, offset: -37, time: 100 })
  t.ok(apply(event(0, 200, 2)))
  t.ok(apply(event(-37, 150)))
  t.ok(apply(event('much', 300)))
  t.equal(byId.value.get('Rain:0')?.offset, 0)
})

t.test('a telling counts for the clock that the page sees, and for no other', async t => {
  const told = { producer: 1, offset: -37, time: 100 }
  t.equal(tellingOf(told, -36.2), told)
  t.equal(tellingOf(told, 0), undefined, 'it is right again, and nobody took that back')
  t.equal(tellingOf(told, -400), undefined)
  t.equal(tellingOf({ ...told, offset: 0 }, -1), undefined)
  t.equal(tellingOf(undefined, -37), undefined)
})
