import { setTimeout } from 'node:timers/promises'
import t from 'tap'
import { fieldsOf, produce, setUp, stored } from './producing.ts'

t.test('what the broker or the producer refuses of a device is told, with the topic and why', async t => {
  const setup = await setUp(t)
  const { broker } = setup
  await produce(t, setup, { PROCESS_INDEX: '4' })
  const text = (bytes: number): string => JSON.stringify({ text: 'x'.repeat(bytes) })
  broker.publish('raw.summit.Cam.1.tel.image', text(1024 ** 2 - 40))
  broker.publish('raw.summit.Cam.2.tel.image', '{"cut')
  broker.publish('raw.summit.Cam.3.tel.image', '{"huge": 1e400, "n": 1}')
  const told = async (index: number) =>
    fieldsOf((await stored(broker, 'EVT', `evt.summit.Producer.4.refusedData.Cam=2E${index}`))[0])
  t.match(await told(1), {
    component: 'Cam',
    index: 1,
    topic: 'image',
    field: '',
    reason: /max_payload/,
    refused: 1
  })
  t.match(await told(2), { topic: 'image', field: '', reason: /neither a JSON object/, refused: 1 })
  t.match(await told(3), { topic: 'image', field: 'huge', reason: /no field can hold its value/, refused: 1 })
})

t.test('a device that stamps UTC is told of', async t => {
  const setup = await setUp(t)
  const { broker } = setup
  await produce(t, setup, { PROCESS_INDEX: '4' })
  for (let i = 0; i < 12; i++) {
    await setTimeout(500)
    broker.publish(
      'raw.summit.Shed.3.tel.light',
      JSON.stringify({ private_sndStamp: Date.now() / 1000, lux: i })
    )
  }
  const [told] = await stored(broker, 'EVT', 'evt.summit.Producer.4.clockOffset.Shed=2E3')
  const { component, index, offset } = fieldsOf(told)
  t.same([component, index], ['Shed', 3])
  t.ok(Math.abs(Number(offset) + 37) < 5, `37 s, and how long the samples took: ${offset}`)
})
