import type { Broker, StreamMessage } from '@meridian/broker'
import { createObservatory, type Observatory, type Said } from '@meridian/sal/testing'
import { decodeSample } from '@meridian/sample'
import { startKafka, waitFor, whyNoKafka } from '@meridian/testing'
import { taiSecondsOf } from '@meridian/time'
import t, { type Test } from 'tap'
import { fieldsOf, produce, read, type Setup, setUp, stored } from '../test/producing.ts'

t.setTimeout(300_000)
const skip = whyNoKafka() ?? false
const kafka = skip === false ? await startKafka() : undefined
t.teardown(() => kafka?.stop())

interface World extends Setup {
  readonly observatory: Observatory
  readonly produce: (produced: string, settings?: Record<string, string>) => ReturnType<typeof produce>
}

async function world(t: Test): Promise<World> {
  const setup = await setUp(t)
  if (kafka === undefined) throw new Error('there is no Kafka')
  const observatory = await createObservatory(kafka)
  t.teardown(() => observatory.stop())
  return {
    ...setup,
    observatory,
    produce: (produced, settings = {}) =>
      produce(t, setup, { ...observatory.settings, SOURCE: 'sal-kafka', PRODUCE: produced, ...settings })
  }
}

const azimuth = { csc: 'MTMount', kind: 'telemetry', topic: 'azimuth' } as const
const positions = (messages: readonly StreamMessage[], field: string): unknown[] =>
  messages.map(message => fieldsOf(message)[field])
const telemetry = (broker: Broker, subject: string) => read(broker, 'TEL', subject)

t.test('telemetry that is said from now on becomes samples, as its component said it', { skip }, async t => {
  const { observatory, produce, broker } = await world(t)
  await observatory.make(azimuth)
  await observatory.say({ ...azimuth, fields: { actualPosition: -1 } })
  await produce('MTMount:0')
  const stamp = taiSecondsOf(Date.now()) - 0.25
  await observatory.say({
    ...azimuth,
    fields: { actualPosition: 12.5, private_sndStamp: stamp, private_seqNum: 77, private_origin: 5 }
  })
  const [message, ...others] = await stored(broker, 'TEL', 'tel.summit.MTMount.0.azimuth')
  t.same(others, [], 'what was said before the first start is not telemetry of now')
  t.match(fieldsOf(message), { actualPosition: 12.5, demandPosition: 0 })
  t.match(decodeSample(message?.data ?? new Uint8Array()), {
    sndStamp: stamp,
    seqNum: 77,
    origin: 5,
    identity: 'MTMount',
    revCode: observatory.catalogue.component('MTMount')?.telemetry.get('azimuth')?.revCode ?? '',
    uncatalogued: false
  })
})

t.test('of events of before the start the last of each instance and of each key comes', { skip }, async t => {
  const { observatory, produce, broker } = await world(t)
  const summary = { csc: 'MTHexapod', kind: 'event', topic: 'summaryState' } as const
  const alarm = { csc: 'Watcher', kind: 'event', topic: 'alarm' } as const
  for (const topic of [summary, alarm]) await observatory.make(topic)
  const state = (index: number, summaryState: number): Said => ({
    ...summary,
    index,
    fields: { summaryState }
  })
  const raised = (name: string, severity: number): Said => ({ ...alarm, fields: { name, severity } })
  await observatory.say(state(1, 5), state(2, 3))
  await observatory.say(...Array.from({ length: 1_500 }, (_, i) => state(1, 1 + (i % 2))))
  await observatory.say(raised('wind', 2), raised('heat', 3), raised('wind', 1))
  await produce('MTHexapod:*,Watcher')
  for (const [index, summaryState] of [
    [1, 2],
    [2, 3]
  ]) {
    const held = await stored(broker, 'EVT', `evt.summit.MTHexapod.${index}.summaryState`)
    t.same(positions(held, 'summaryState'), [summaryState], 'one, the last, however far back')
  }
  await observatory.say(state(1, 4))
  t.same(
    positions(await stored(broker, 'EVT', 'evt.summit.MTHexapod.1.summaryState', 2), 'summaryState'),
    [2, 4]
  )
  const alarms = await stored(broker, 'EVT', 'evt.summit.Watcher.0.alarm.*', 2)
  t.same(
    alarms.map(fieldsOf).map(({ name, severity }) => `${name} ${severity}`),
    ['heat 3', 'wind 1']
  )
})

t.test('a restart neither loses nor repeats', { skip }, async t => {
  const { observatory, produce, broker } = await world(t)
  const topic = { csc: 'MTRotator', kind: 'telemetry', topic: 'rotation' } as const
  const event = { csc: 'MTRotator', kind: 'event', topic: 'summaryState' } as const
  await observatory.make(topic, 3)
  await observatory.make(event)
  const numbers = (from: number, to: number): Said[] =>
    Array.from({ length: to - from }, (_, i) => ({
      ...{ ...topic, partition: i % 3 },
      fields: { actualPosition: from + i, private_sndStamp: taiSecondsOf(Date.now()) + i / 1000 }
    }))
  const first = await produce('MTRotator:0')
  await observatory.say({ ...event, fields: { summaryState: 1 } }, ...numbers(0, 300))
  await stored(broker, 'TEL', 'tel.summit.MTRotator.0.rotation', 300)
  await stored(broker, 'EVT', 'evt.summit.MTRotator.0.summaryState')
  await first.stop()
  await observatory.say(...numbers(300, 450), { ...event, fields: { summaryState: 2 } })
  await observatory.say({ ...event, fields: { summaryState: 3 } })
  await produce('MTRotator:0')
  await observatory.say(...numbers(450, 500))
  const all = await stored(broker, 'TEL', 'tel.summit.MTRotator.0.rotation', 500)
  t.same(
    positions(all, 'actualPosition').sort((a, b) => Number(a) - Number(b)),
    Array.from({ length: 500 }, (_, i) => i)
  )
  const states = await stored(broker, 'EVT', 'evt.summit.MTRotator.0.summaryState', 3)
  t.same(positions(states, 'summaryState'), [1, 2, 3])
})

t.test('a topic that is deleted and made anew is read from its first record', { skip }, async t => {
  const { observatory, produce, broker } = await world(t)
  const event = { csc: 'MTAOS', kind: 'event', topic: 'summaryState' } as const
  await observatory.make(event)
  const state = (summaryState: number): Said => ({ ...event, fields: { summaryState } })
  await observatory.say(...Array.from({ length: 50 }, () => state(5)))
  observatory.registry.answerWith(response => response.writeHead(503).end())
  await produce('MTAOS:0')
  // It is there again before anybody has looked for it.
  await observatory.unmake(event)
  await observatory.make(event).catch(() => undefined)
  observatory.registry.answerWith(undefined)
  await waitFor(() => observatory.make(event).then(() => true), { what: 'it is made' })
  await waitFor(() => observatory.say(state(2), state(3)).then(() => true), { what: 'Kafka takes' })
  const states = await stored(broker, 'EVT', 'evt.summit.MTAOS.0.summaryState', 3)
  t.same(positions(states, 'summaryState'), [5, 2, 3])
})

t.test('what is no message is counted and told, and the stream goes on', { skip }, async t => {
  const { observatory, produce, broker } = await world(t)
  const topic = { csc: 'MTDome', kind: 'telemetry', topic: 'azimuth' } as const
  const name = await observatory.make(topic)
  const id = await observatory.register(topic)
  await produce('MTDome:0')
  const frame = (schema: number, ...bytes: number[]): Uint8Array =>
    Uint8Array.of(0, 0, 0, schema >> 8, schema & 255, ...bytes)
  await observatory.put(
    { topic: name, value: Uint8Array.of(1, 2, 3, 4, 5, 6) },
    { topic: name, value: Uint8Array.of(0, 0) },
    { topic: name, value: frame(id, 1, 2, 3) },
    { topic: name, value: frame(999, 1, 2, 3) },
    { topic: name, value: null }
  )
  await observatory.say({ ...topic, fields: { positionActual: 3 } })
  const held = await stored(broker, 'TEL', 'tel.summit.MTDome.0.azimuth')
  t.same(positions(held, 'positionActual'), [3])
  const told = await stored(broker, 'EVT', 'evt.summit.Producer.1.refusedData.>', 1)
  t.match(fieldsOf(told.at(-1)), { component: 'MTDome', topic: 'azimuth' })
})

t.test('a registry that is away or no registry is waited for', { skip }, async t => {
  const { observatory, produce, broker, log } = await world(t)
  const topic = { csc: 'MTM2', kind: 'telemetry', topic: 'position' } as const
  await observatory.make(topic)
  const producer = await produce('MTM2:0')
  observatory.registry.answerWith(response => response.writeHead(200).end('<html>'))
  await observatory.say(topic)
  await waitFor(() => log.records.some(({ code }) => code === 'SAL_REGISTRY'), {
    what: 'it is told'
  })
  t.same(await telemetry(broker, 'tel.summit.MTM2.0.position'), [])
  observatory.registry.answerWith(undefined)
  await stored(broker, 'TEL', 'tel.summit.MTM2.0.position')
  await producer.stop()
})

t.test('who ends while the registry is away does not say that everything is read', { skip }, async t => {
  const { observatory, produce, log } = await world(t)
  const topic = { csc: 'MTM2', kind: 'event', topic: 'summaryState' } as const
  await observatory.make(topic)
  await observatory.say({ ...topic, fields: { summaryState: 2 } })
  observatory.registry.answerWith(response => response.writeHead(503).end())
  const producer = await produce('MTM2:0')
  await waitFor(() => log.records.some(({ code }) => code === 'SAL_REGISTRY'), { what: 'it is told' })
  await producer.stop()
  t.notOk(log.records.find(({ msg }) => msg === 'everything from before the start is read'))
})
