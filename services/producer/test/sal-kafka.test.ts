// The way of one message, for everyday; all of it: test-full/kafka-*.full.ts.
import { createObservatory } from '@meridian/sal/testing'
import { startKafka, whyNoKafka } from '@meridian/testing'
import t from 'tap'
import { fieldsOf, produce, setUp, stored } from './producing.ts'

t.test('what a component says in SAL on Kafka is a sample', { skip: whyNoKafka() ?? false }, async t => {
  const kafka = await startKafka()
  t.teardown(() => kafka.stop())
  const observatory = await createObservatory(kafka)
  t.teardown(() => observatory.stop())
  const azimuth = { csc: 'MTMount', kind: 'telemetry', topic: 'azimuth' } as const
  const state = { csc: 'MTMount', kind: 'event', topic: 'summaryState' } as const
  for (const topic of [azimuth, state]) await observatory.make(topic)
  await observatory.say({ ...state, fields: { summaryState: 2 } })
  const setup = await setUp(t)
  await produce(t, setup, { ...observatory.settings, SOURCE: 'sal-kafka', PRODUCE: 'MTMount:0' })
  await observatory.say({ ...azimuth, fields: { actualPosition: 12.5 } })
  const [event] = await stored(setup.broker, 'EVT', 'evt.summit.MTMount.0.summaryState')
  const [sample] = await stored(setup.broker, 'TEL', 'tel.summit.MTMount.0.azimuth')
  t.match(fieldsOf(event), { summaryState: 2 }, 'the last event of before the start')
  t.match(fieldsOf(sample), { actualPosition: 12.5 })
  const said = (text: string) => setup.log.records.find(({ msg }) => msg === text)
  t.match(said('topics of Kafka are read'), { topics: 2 })
  const other = { LSST_TOPIC_SUBNAME: 'sla', SOURCE: 'sal-kafka', PRODUCE: 'MTMount:0' }
  await produce(t, setup, { ...observatory.settings, ...other })
  t.match(said('Kafka shows no topic that is assigned: it is asked again'), { topics: 0, subname: 'sla' })
})
