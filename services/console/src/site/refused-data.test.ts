import type { Update } from '@meridian/client'
import t from 'tap'
import { createRefusedDataLog, type RefusedData, refusedText } from './refused-data.ts'

const event = (producer: number, fields: Readonly<Record<string, unknown>>, received: number): Update =>
  ({
    parts: { class: 'evt', csc: 'Producer', index: producer, topic: 'refusedData' },
    fields: { component: 'Cam', index: 3, topic: 'image', field: '', reason: 'too large', ...fields },
    received
  }) as unknown as Update

t.test('what each producer refused of an instance is kept, the newest of each', async t => {
  const { byId, apply } = createRefusedDataLog()
  t.ok(apply(event(1, { refused: 1 }, 100)))
  t.ok(apply(event(1, { refused: 2 }, 101)))
  t.ok(apply(event(2, { refused: 7, field: 'huge' }, 102)))
  t.match(byId.value.get('Cam:3'), [
    { producer: 1, refused: 2 },
    { producer: 2, refused: 7, field: 'huge' }
  ])
  t.equal(byId.value.get('Cam:4'), undefined)
  t.notOk(apply(event(1, { component: 7 }, 103)))
})

t.test('a refusal is told with its topic and why, as over when it is, and then no more', async t => {
  const told: RefusedData = {
    producer: 1,
    topic: 'image',
    field: '',
    reason: 'too large',
    refused: 4,
    time: 1000
  }
  t.same(refusedText(told, 1080), { isOver: false, text: '4 refused, lately a message of image: too large' })
  t.same(refusedText({ ...told, field: 'gain' }, 1100), {
    isOver: true,
    text: '4 refused, the last gain of image: too large'
  })
  t.equal(refusedText(told, 4601), undefined)
})
