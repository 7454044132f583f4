// What SAL on Kafka may bring besides the everyday, on a real Kafka.
import { loadCatalogue } from '@meridian/catalogue'
import { frameOf, kafkaTopicOf, schemaTextOf } from '@meridian/sal'
import { createObservatory, type Observatory } from '@meridian/sal/testing'
import { createMessageWriter } from '@meridian/sal/writing'
import { decodeSample } from '@meridian/sample'
import { startKafka, whyNoKafka } from '@meridian/testing'
import { taiSecondsOf } from '@meridian/time'
import t, { type Test } from 'tap'
import { fieldsOf, produce, read, type Setup, setUp, stored } from '../test/producing.ts'

t.setTimeout(300_000)
const skip = whyNoKafka() ?? false
const kafka = skip === false ? await startKafka() : undefined
const catalogue = loadCatalogue()
const observatory = kafka && (await createObservatory(kafka))
t.teardown(async () => {
  await observatory?.stop()
  await kafka?.stop()
})

async function world(t: Test, produced: string): Promise<Setup & { readonly observatory: Observatory }> {
  if (observatory === undefined) throw new Error('there is no Kafka')
  const setup = await setUp(t)
  await produce(t, setup, { ...observatory.settings, SOURCE: 'sal-kafka', PRODUCE: produced })
  return { ...setup, observatory }
}

const NONE = { private_sndStamp: 0, private_seqNum: 0, private_origin: 0 }

t.test('rows of a camera: one subject for each device, stamped by their own time', { skip }, async t => {
  const row = { csc: 'MTCamera', kind: 'telemetry', topic: 'camenv' } as const
  await observatory?.make(row)
  const { observatory: components, broker } = await world(t, 'MTCamera:0')
  const ms = 1_795_292_928_600
  const said = (Sensor: string, Temperature: number | null) => ({
    ...row,
    fields: { ...NONE, timestamp: BigInt(ms), Pressure: null, Temperature, Sensor, Agent: 'env' }
  })
  await components.say(said('one', 20.5), said('two', null))
  const rows = await stored(broker, 'TEL', 'tel.summit.MTCamera.0.camenv.>', 2)
  t.same(new Set(rows.map(({ subject }) => subject)).size, 2)
  const [one, two] = rows.map(message => ({
    ...fieldsOf(message),
    ...decodeSample(message.data),
    fields: undefined
  }))
  t.match(one, { Sensor: 'one', Temperature: 20.5, timestamp: ms, sndStamp: taiSecondsOf(ms), seqNum: 0 })
  t.match(two, { Sensor: 'two', Temperature: null, seqNum: 1 })
})

t.test('a whole number beyond 2^53 arrives exactly', { skip }, async t => {
  const event = {
    csc: 'ATCamera',
    kind: 'event',
    topic: 'focal_plane_PeriodicTasks_timersConfiguration'
  } as const
  await observatory?.make(event)
  const { observatory: components, broker } = await world(t, 'ATCamera:0')
  await components.say({ ...event, fields: { heartbeat_taskPeriodMillis: 9_007_199_254_740_993n } })
  const [message] = await stored(broker, 'EVT', `evt.summit.ATCamera.0.${event.topic}`)
  t.equal(fieldsOf(message)['heartbeat_taskPeriodMillis'], 9_007_199_254_740_993n)
})

t.test('writers of two schemas at once: each message is read with its own', { skip }, async t => {
  const topic = { csc: 'MTDome', kind: 'telemetry', topic: 'azimuth' } as const
  await observatory?.make(topic)
  const { observatory: components, broker } = await world(t, 'MTDome:0')
  await components.say({ ...topic, fields: { positionActual: 1 } })
  await stored(broker, 'TEL', 'tel.summit.MTDome.0.azimuth')
  const known = catalogue.component('MTDome')?.telemetry.get('azimuth')
  if (known === undefined) throw new Error('no such topic')
  const schema = JSON.parse(schemaTextOf(known, { indexed: false })) as { fields: object[] }
  const newer = JSON.stringify({
    ...schema,
    fields: [...schema.fields, { name: 'gusts', type: 'double', default: 0 }]
  })
  const id = await components.register(topic, newer)
  const write = createMessageWriter(newer)
  const stamp = { private_sndStamp: taiSecondsOf(Date.now()), private_seqNum: 9 }
  await components.put({
    topic: kafkaTopicOf({ subname: 'sal', csc: 'MTDome', kind: 'telemetry', name: 'azimuth' }),
    value: frameOf(id, write({ ...stamp, positionActual: 2, gusts: 3.5 }))
  })
  await components.say({ ...topic, fields: { positionActual: 3 } })
  const held = (await stored(broker, 'TEL', 'tel.summit.MTDome.0.azimuth', 3)).map(fieldsOf)
  t.same(
    held.map(({ positionActual, gusts }) => [positionActual, gusts]),
    [
      [1, undefined],
      [2, 3.5],
      [3, undefined]
    ]
  )
})

t.test('a message too large for the broker is told, and the next one is stored', { skip }, async t => {
  const event = { csc: 'MTMount', kind: 'event', topic: 'logMessage' } as const
  await observatory?.make(event)
  const { observatory: components, broker } = await world(t, 'MTMount:0')
  await components.say({ ...event, fields: { message: 'x'.repeat(9_000_000) } })
  await components.say({ ...event, fields: { message: 'short' } })
  const [message] = await stored(broker, 'EVT', 'evt.summit.MTMount.0.logMessage')
  t.equal(fieldsOf(message)['message'], 'short')
  const [told] = await stored(broker, 'EVT', 'evt.summit.Producer.1.refusedData.>')
  t.match(fieldsOf(told), { component: 'MTMount', topic: 'logMessage', reason: 'larger than max_payload' })
})

t.test('stamps that cannot be hold up nobody', { skip }, async t => {
  const topic = { csc: 'MTMount', kind: 'telemetry', topic: 'elevation' } as const
  await observatory?.make(topic)
  const { observatory: components, broker } = await world(t, 'MTMount:0')
  for (const [i, private_sndStamp] of [Number.NaN, -1e300, 1e300, taiSecondsOf(Date.now())].entries())
    await components.say({ ...topic, fields: { private_sndStamp, actualPosition: i } })
  const held = await stored(broker, 'TEL', 'tel.summit.MTMount.0.elevation', 4)
  t.same(
    held.map(message => fieldsOf(message)['actualPosition']),
    [0, 1, 2, 3]
  )
})

t.test('of a topic that instances share only what is assigned is published', { skip }, async t => {
  const topic = { csc: 'MTHexapod', kind: 'telemetry', topic: 'application' } as const
  await observatory?.make(topic)
  const { observatory: components, broker } = await world(t, 'MTHexapod:1')
  await components.say({ ...topic, index: 2 }, { ...topic, index: 1 }, { ...topic, index: 2 })
  await stored(broker, 'TEL', 'tel.summit.MTHexapod.1.application')
  t.same(await read(broker, 'TEL', 'tel.summit.MTHexapod.2.>'), [])
})
