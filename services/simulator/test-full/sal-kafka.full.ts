import { loadCatalogue } from '@meridian/catalogue'
import { decodeFields, type Fields } from '@meridian/msgpack'
import { type ExecReply, SAL_ACK } from '@meridian/protocol/commands'
import { createLogReader, createMessageReader, createRegistry, FRAME_BYTES, schemaIdOf } from '@meridian/sal'
import { createRecordWriter } from '@meridian/sal/component'
import { createObservatory } from '@meridian/sal/testing'
import { createLogWriter } from '@meridian/sal/writing'
import { createService, parseConfig, type Service } from '@meridian/service'
import { createTestLog, startKafka, startNats, startRegistry, waitFor, whyNoKafka } from '@meridian/testing'
import t, { type Test } from 'tap'
import { spec } from '../src/config.ts'
import { simulatorParts } from '../src/simulator.ts'

t.setTimeout(300_000)

/** What was read of one topic, in its order. */
interface Read {
  readonly index: number
  readonly seqNum: number
  readonly identity: string
  readonly fields: Fields
}

/** A simulator of the site small on a real Kafka, and what is read of some topics. */
async function world(t: Test, ...topics: readonly string[]) {
  const [kafka, registry, nats] = await Promise.all([startKafka(), startRegistry(), startNats()])
  t.teardown(() => Promise.all([kafka.stop(), registry.stop(), nats.stop()]))
  const config = parseConfig(spec, {
    ...{ NATS_URL: nats.url, SITE: 'small', PORT: '0', NIGHT: 'false', TRANSPORT: 'sal-kafka' },
    ...{ ...kafka.settings, LSST_SCHEMA_REGISTRY_URL: registry.url }
  })
  const log = createTestLog()
  const parts = simulatorParts(config, log)
  const simulator = createService({ name: 'simulator', description: '', config, log, parts: () => parts })
  const schemas = createRegistry({ url: registry.url })
  const read = new Map<string, Read[]>(topics.map(topic => [`lsst.sal.${topic}`, []]))
  const reader = createLogReader({
    access: { brokers: kafka.broker, clientId: 'test' },
    wants: topic => read.has(topic),
    begin: async found => found.map(({ earliest }) => earliest),
    async take(taken) {
      for (const { topic, records } of taken)
        for (const { value } of records) read.get(topic)?.push(await readOf(value, schemas))
    },
    lost: () => t.fail('nothing is dropped'),
    failed: () => undefined
  })
  const started = simulator.start()
  const told = (): string => JSON.stringify(simulator.readiness())
  await waitFor(() => /: [1-9]\d* of \d{3} topics made, /.test(told()), { what: 'it tells how far it is' })
  await started
  t.same(simulator.readiness(), { ready: true })
  await reader.start()
  t.teardown(async () => {
    await reader.stop()
    await simulator.stop()
  })
  return { kafka, schemas, simulator, log, of: (topic: string) => read.get(`lsst.sal.${topic}`) ?? [] }
}

async function readOf(value: Uint8Array | null, schemas: ReturnType<typeof createRegistry>): Promise<Read> {
  if (value === null) throw new Error('a tombstone')
  const message = createMessageReader(await schemas.schemaOf(schemaIdOf(value)), { specs: [] })
  const { salIndex, seqNum, identity, fields } = message(value, FRAME_BYTES)
  return { index: salIndex, seqNum, identity, fields: decodeFields(fields) }
}

const metricsOf = async (simulator: Service): Promise<string> =>
  (await fetch(`${simulator.address()}/metrics`)).text()

t.test(
  'components say and acknowledge in SAL on Kafka, and a Kafka that was killed costs nothing',
  { skip: whyNoKafka() ?? false },
  async t => {
    const { kafka, schemas, simulator, of } = await world(
      t,
      'MTMount.azimuth',
      'MTHexapod.logevent_summaryState',
      'MTHexapod.logevent_logLevel',
      'MTMount.logevent_heartbeat',
      'MTMount.ackcmd'
    )
    const states = () => of('MTHexapod.logevent_summaryState')
    await waitFor(() => states().some(({ fields, index }) => index === 2 && fields['summaryState'] === 2), {
      what: 'both hexapods are enabled'
    })
    t.same([...new Set(states().map(({ index, identity }) => `${index} ${identity}`))].sort(), [
      '1 MTHexapod:1',
      '2 MTHexapod:2'
    ])
    await waitFor(() => of('MTMount.logevent_heartbeat').length > 1, { what: 'the mount beats' })

    const mount = loadCatalogue().component('MTMount')
    const stop = mount?.commands.get('stop')
    if (mount === undefined || stop === undefined) throw new Error('the catalogue has no mount')
    const write = await createRecordWriter(stop, mount, { registry: schemas, subname: 'sal' })
    const writer = createLogWriter({ brokers: kafka.broker, clientId: 'operator' })
    t.teardown(() => writer.close())
    await writer.write({ topic: write(0, {}).topic, key: '', value: Buffer.from('no command') })
    const who = { private_identity: 'ann@control', private_origin: 77 }
    await writer.write(write(0, { ...who, private_seqNum: 5 }))
    const acks = () => of('MTMount.ackcmd').filter(({ fields }) => fields['identity'] === 'ann@control')
    await waitFor(() => acks().length > 1, { what: 'it is acknowledged, behind a record that is no command' })
    t.match(
      acks().map(({ seqNum, fields }) => [seqNum, fields['origin'], fields['ack']]),
      [
        [5, 77, SAL_ACK.CMD_INPROGRESS],
        [5, 77, SAL_ACK.CMD_COMPLETE]
      ] satisfies [number, number, ExecReply['ack']][]
    )

    const hexapod = loadCatalogue().component('MTHexapod')
    const setLevel = hexapod?.commands.get('setLogLevel')
    if (hexapod === undefined || setLevel === undefined) throw new Error('the catalogue has no hexapod')
    const writeLevel = await createRecordWriter(setLevel, hexapod, { registry: schemas, subname: 'sal' })
    for (const index of [1, 2])
      await writer.write(writeLevel(index, { ...who, private_seqNum: 5, level: 20 + index * 10 }))
    const isSaid = (of1: Read) => of1.index === 2 && of1.fields['level'] === 40
    await waitFor(() => of('MTHexapod.logevent_logLevel').some(isSaid), {
      what: 'whoever counts the commands to each instance by itself has all of them executed'
    })

    await kafka.kill9()
    const before = of('MTMount.azimuth').length
    await kafka.restart()
    await waitFor(() => of('MTMount.azimuth').length > before + 100, { what: 'telemetry goes on' })
    t.match(
      await metricsOf(simulator),
      /meridian_simulator_transport_failures_total\S* [1-9]/,
      'it is counted'
    )
    const numbers = new Set(of('MTMount.azimuth').map(({ seqNum }) => seqNum))
    t.equal(numbers.size, Math.max(...numbers), 'none is missing since the first')

    const observatory = await createObservatory(kafka)
    t.teardown(() => observatory.stop())
    const azimuth = { csc: 'MTMount', kind: 'telemetry', topic: 'azimuth' } as const
    const state = { csc: 'MTHexapod', kind: 'event', topic: 'summaryState' } as const
    t.equal(await observatory.cleanupOf(state), 'compact', 'of events the last stay')
    t.equal(await observatory.cleanupOf(azimuth), 'delete')
    await observatory.unmake({ ...azimuth, topic: 'elevation' })
    await waitFor(async () => /meridian_simulator_not_said_total\S* [1-9]/.test(await metricsOf(simulator)), {
      what: 'what has no topic any more is counted'
    })
    const then = of('MTMount.azimuth').length
    await waitFor(() => of('MTMount.azimuth').length > then + 100, { what: 'all else goes on' })
    await simulator.stop()
  }
)
