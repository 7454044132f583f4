// The way of one message, as in test/sal-kafka.test.ts, with the summit's version of Kafka, and a registry of schemas that is not our own.
import { frameOf, kafkaTopicOf } from '@meridian/sal'
import { createObservatoryWith } from '@meridian/sal/testing'
import { startApicurio, startKafka, whyNoApicurio, whyNoKafka } from '@meridian/testing'
import t from 'tap'
import { fieldsOf, produce, setUp, stored } from '../test/producing.ts'

t.setTimeout(120_000)
/** As the summit runs it. */
const SUMMIT = { version: '3.9.1', sasl: true }
const skip = whyNoApicurio() ?? whyNoKafka(SUMMIT.version) ?? false

t.test('what components say with schemas of Apicurio is stored', { skip }, async t => {
  const [kafka, apicurio] = await Promise.all([startKafka(SUMMIT), startApicurio()])
  t.teardown(() => kafka.stop())
  const observatory = createObservatoryWith(kafka, apicurio)
  t.teardown(() => observatory.stop())
  const azimuth = { csc: 'MTMount', kind: 'telemetry', topic: 'azimuth' } as const
  const state = { csc: 'MTHexapod', kind: 'event', topic: 'summaryState' } as const
  for (const topic of [azimuth, state]) await observatory.make(topic)
  await observatory.say({ ...state, index: 2, fields: { summaryState: 3 } })
  const setup = await setUp(t)
  const settings = { ...observatory.settings, SOURCE: 'sal-kafka', PRODUCE: 'MTMount:0,MTHexapod:*' }
  await produce(t, setup, settings)
  const [event] = await stored(setup.broker, 'EVT', 'evt.summit.MTHexapod.2.summaryState')
  t.match(fieldsOf(event), { summaryState: 3 }, 'the last event of before the start')
  const topic = kafkaTopicOf({ subname: 'sal', csc: 'MTMount', kind: 'telemetry', name: 'azimuth' })
  await observatory.put({ topic, value: frameOf(4_242, Uint8Array.of(1)) })
  await observatory.say({ ...azimuth, fields: { actualPosition: 12.5 } })
  const samples = await stored(setup.broker, 'TEL', 'tel.summit.MTMount.0.azimuth')
  t.same(
    samples.map(sample => fieldsOf(sample)['actualPosition']),
    [12.5],
    'what has a number that the registry does not know holds up nothing'
  )
  const told = setup.log.records.filter(({ code }) => code === 'SAL_NO_SCHEMA')
  t.equal(told.length, 1, 'and is told')
})
