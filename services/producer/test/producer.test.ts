import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import {
  type Broker,
  createPublisher,
  ensureStreams,
  readStream,
  type StreamMessage,
  streamSubjects,
  streamTable
} from '@meridian/broker'
import { startTestSite } from '@meridian/broker/testing'
import { loadCatalogue } from '@meridian/catalogue'
import { decodeFields, type Fields } from '@meridian/msgpack'
import { decodeSample } from '@meridian/sample'
import { createService, parseConfig, type Service } from '@meridian/service'
import {
  createHistory,
  createTestLog,
  serviceCommand,
  startLink,
  type TestLog,
  type TestNats,
  waitFor
} from '@meridian/testing'
import { systemClock } from '@meridian/time'
import { pack } from 'msgpackr'
import t, { type Test } from 'tap'
import { forgetComponent } from '../../../scripts/forget/forget-component.ts'
import { parseAssignment } from '../src/assignment.ts'
import { type ProducerConfig, spec } from '../src/config.ts'
import { createClockOffsets } from '../src/pipeline/clock-offsets.ts'
import { createCounts } from '../src/pipeline/counts.ts'
import { createNames } from '../src/pipeline/names.ts'
import { createPipeline } from '../src/pipeline/pipeline.ts'
import { createRoutes } from '../src/pipeline/routes.ts'
import { producerParts } from '../src/producer.ts'
import { createRawReader } from '../src/sources/nats-raw.ts'

interface Setup {
  readonly nats: TestNats
  readonly broker: Broker
  readonly log: TestLog
}

async function setUp(t: Test, maxPerSubject?: number): Promise<Setup> {
  const specs = streamTable('summit', 'laptop')
  const streams = maxPerSubject === undefined ? specs : specs.map(spec => ({ ...spec, maxPerSubject }))
  const { stop, ...setup } = await startTestSite({ streams })
  t.teardown(stop)
  return setup
}

const serviceOf = (config: ProducerConfig, log: TestLog): Service =>
  createService({
    name: 'producer',
    description: spec.summary,
    config,
    log,
    parts: () => producerParts(config, log)
  })

/** A producer in this process, ready when it returns. */
async function produce(
  t: Test,
  { nats, log }: Setup,
  settings: Record<string, string> = {}
): Promise<Service> {
  const config = parseConfig(spec, { NATS_URL: nats.url, ...settings })
  const producer = serviceOf(config, log)
  t.teardown(() => producer.stop().catch(() => undefined))
  await producer.start()
  return producer
}

const siteFile = (t: Test): string =>
  `${t.testdir({ 'site.yaml': 'name: summit\ninstances:\n  MTMount: [0]\n  MTM1M3: [0]\n  ESS: [301, 302]\n' })}/site.yaml`

/** What the stream holds of a subject; producers' own beats and events only where the subject asks for them. */
async function read(broker: Broker, stream: string, subject = '>'): Promise<StreamMessage[]> {
  const messages: StreamMessage[] = []
  const bounds = { maxMessages: 100_000, maxBytes: 100_000_000, timeoutMs: 10_000 }
  for await (const message of readStream(broker, {
    stream,
    subjects: subject === '>' ? [] : [subject],
    from: { seq: 1 },
    ...bounds
  }))
    if (subject !== '>' || !/^\w+\.summit\.Producer\./.test(message.subject)) messages.push(message)
  return messages
}

const stored = (broker: Broker, stream: string, subject: string, count = 1): Promise<StreamMessage[]> =>
  waitFor(
    async () => {
      const messages = await read(broker, stream, subject)
      return messages.length >= count ? messages : undefined
    },
    { what: `${count} on ${subject}`, everyMs: 50 }
  )

const fieldsOf = (message: StreamMessage | undefined): Fields =>
  decodeFields(decodeSample(message?.data ?? new Uint8Array()).fields)

t.test('what is wrong with its settings ends the start with a code, not the making', async t => {
  const config = parseConfig(spec, {
    PRODUCE: 'part:mtm2-event',
    SITE_FILE: '/nowhere.yaml'
  })
  const producer = serviceOf(config, createTestLog())
  await t.rejects(producer.start(), { code: /^CAT_SITE_/ })
  await producer.stop()
})

t.test('raw messages become samples', async t => {
  const setup = await setUp(t)
  const { broker, log } = setup
  await produce(t, setup)

  await t.test('JSON of a plain publish appears as telemetry, with what it left out filled in', async t => {
    const before = systemClock.taiSeconds()
    broker.publish('raw.summit.MTMount.0.tel.azimuth', '{"actualPosition": 12.5, "demandPosition": "NaN"}')
    const [message] = await stored(broker, 'TEL', 'tel.summit.MTMount.0.azimuth')
    const sample = decodeSample(message?.data ?? new Uint8Array())
    t.same(fieldsOf(message), { actualPosition: 12.5, demandPosition: Number.NaN })
    t.equal(sample.identity, 'MTMount')
    t.equal(sample.seqNum, 1)
    t.ok(sample.sndStamp >= before && sample.sndStamp === sample.rcvStamp)
    t.ok(sample.origin > 0)
    t.notOk(sample.uncatalogued)
  })

  await t.test('MessagePack with its own stamps appears as an event that keeps them', async t => {
    const payload = pack({
      summaryState: 2,
      private_sndStamp: 1795292928.5,
      private_seqNum: 7,
      private_origin: 42,
      private_identity: 'MTHexapod:1',
      private_revCode: '5069a609'
    })
    broker.publish('raw.summit.MTHexapod.1.evt.summaryState', payload)
    const [message] = await stored(broker, 'EVT', 'evt.summit.MTHexapod.1.summaryState')
    const { fields: _, rcvStamp: __, ...envelope } = decodeSample(message?.data ?? new Uint8Array())
    t.same(envelope, {
      sndStamp: 1795292928.5,
      seqNum: 7,
      origin: 42,
      identity: 'MTHexapod:1',
      revCode: '5069a609',
      uncatalogued: false
    })
    t.same(fieldsOf(message), { summaryState: 2 })
  })

  await t.test('a device that no catalogue knows passes, marked', async t => {
    broker.publish('raw.summit.Greenhouse.0.tel.climate', '{"celsius": 21.5}')
    const [message] = await stored(broker, 'TEL', 'tel.summit.Greenhouse.0.climate')
    t.same(fieldsOf(message), { celsius: 21.5 })
    t.ok(decodeSample(message?.data ?? new Uint8Array()).uncatalogued)
  })

  await t.test('key fields make one subject per object', async t => {
    for (const name of ['Enabled.MTMount', 'Enabled.MTDome'])
      broker.publish('raw.summit.Watcher.0.evt.alarm', JSON.stringify({ name, severity: 2 }))
    await stored(broker, 'EVT', 'evt.summit.Watcher.0.alarm.*', 2)
    t.same(fieldsOf((await read(broker, 'EVT', 'evt.summit.Watcher.0.alarm.Enabled=2EMTDome'))[0]), {
      name: 'Enabled.MTDome',
      severity: 2
    })
  })

  await t.test(
    'heartbeats of either form have their own subject, and those of Scripts stay with the Script',
    async t => {
      broker.publish('raw.summit.MTMount.0.hb', '')
      broker.publish('raw.summit.MTMount.0.evt.heartbeat', '{"heartbeat": false}')
      broker.publish('raw.summit.Script.100007.hb', '')
      broker.publish('raw.summit.Script.100007.evt.state', '{"state": 3}')
      const [first] = await stored(broker, 'TEL', 'hb.summit.MTMount.0', 2)
      t.same(fieldsOf(first), {})
      await stored(broker, 'SCRIPT', 'script.summit.1.100007.heartbeat')
      t.same(fieldsOf((await stored(broker, 'SCRIPT', 'script.summit.1.100007.state'))[0]), { state: 3 })
    }
  )

  await t.test('garbage is counted with its code and disturbs nothing', async t => {
    const garbage: [string, string | Uint8Array][] = [
      ['raw.summit.MTMount.0.tel.azimuth', 'hello'],
      ['raw.summit.MTMount.0.tel.azimuth', '{"cut'],
      ['raw.summit.MTMount.0.tel.azimuth', '[1,2]'],
      ['raw.summit.MTMount.0.tel.azimuth', Uint8Array.of(0xdf, 0xff, 0xff, 0xff, 0xff)],
      ['raw.summit.MTMount.zero.tel.azimuth', '{}'],
      ['raw.summit.MTMount', '{}'],
      ['raw.summit.MTMount.0.tel.azi$muth', '{}'],
      ['raw.summit.MTMount.0.cmd.stop', '{}']
    ]
    const before = (await read(broker, 'TEL')).length
    for (const [subject, data] of garbage) broker.publish(subject, data)
    broker.publish(
      'raw.summit.MTMount.0.tel.elevation',
      '{"actualPosition": 80, "demandPosition": "high", "extra": 1}'
    )
    const [after] = await stored(broker, 'TEL', 'tel.summit.MTMount.0.elevation')
    t.same(fieldsOf(after), { actualPosition: 80, extra: 1 }, 'only the wrong field is left out')
    t.equal((await read(broker, 'TEL')).length, before + 1)
    const logged = log.records
      .filter(record => record['part'] === undefined && record.msg === 'left out')
      .map(record => record['code'])
    t.same([...new Set(logged)].sort(), ['PRD_BAD_FIELD', 'PRD_BAD_PAYLOAD', 'PRD_BAD_SUBJECT'])
    t.equal(logged.length, 6, 'logged once for each topic and reason')
  })

  await t.test(
    'a component restarted with the same process id and its counter at 1 loses nothing',
    async t => {
      for (const start of [1795292928, 1795292938])
        for (let seqNum = 1; seqNum <= 3; seqNum++)
          broker.publish(
            'raw.summit.ATDome.0.tel.position',
            JSON.stringify({
              azimuthPosition: seqNum,
              private_sndStamp: start + seqNum / 10,
              private_seqNum: seqNum,
              private_origin: 77
            })
          )
      t.equal((await stored(broker, 'TEL', 'tel.summit.ATDome.0.position', 6)).length, 6)
    }
  )
})

t.test('two producers that overlap store nothing twice', async t => {
  const setup = await setUp(t)
  const { broker } = setup
  await produce(t, setup)
  const second = await produce(t, setup)
  const publish = (from: number, to: number): void => {
    for (let seqNum = from; seqNum <= to; seqNum++)
      broker.publish(
        'raw.summit.MTM2.0.tel.position',
        pack({
          x: seqNum,
          private_sndStamp: 1795292928 + seqNum / 20,
          private_seqNum: seqNum,
          private_origin: 5
        })
      )
  }
  publish(1, 500)
  await stored(broker, 'TEL', 'tel.summit.MTM2.0.position', 500)
  await second.stop()
  publish(501, 600)
  const messages = await stored(broker, 'TEL', 'tel.summit.MTM2.0.position', 600)
  t.same(
    messages.map(message => decodeSample(message.data).seqNum),
    Array.from({ length: 600 }, (_, i) => i + 1)
  )
})

t.test('several producers share a site, and the catch-all takes what the others do not list', async t => {
  const setup = await setUp(t)
  const { broker } = setup
  const lists = ['MTM1M3:0{only:imsData}', 'MTM1M3:0{except:imsData},ESS:*']
  for (const list of lists) await produce(t, setup, { PRODUCE: list })
  await produce(t, setup, { PRODUCE: 'rest', EXCEPT: lists.join(',') })
  // Without stamps each producer would make an id of its own, so a topic that two of them carry is stored
  // twice.
  const raw = [
    'MTM1M3.0.tel.imsData',
    'MTM1M3.0.tel.forceActuatorData',
    'MTM1M3.0.hb',
    'ESS.301.hb',
    'MTMount.0.hb',
    'Shed.1.tel.light'
  ]
  for (const subject of raw) broker.publish(`raw.summit.${subject}`, '{}')
  await stored(broker, 'TEL', '>', raw.length)
  const subjects = (await read(broker, 'TEL')).map(message => message.subject)
  t.same(subjects.sort(), [
    'hb.summit.ESS.301',
    'hb.summit.MTM1M3.0',
    'hb.summit.MTMount.0',
    'tel.summit.MTM1M3.0.forceActuatorData',
    'tel.summit.MTM1M3.0.imsData',
    'tel.summit.Shed.1.light'
  ])
})

t.test('each producer beats, and tells what it carries', async t => {
  const setup = await setUp(t)
  const { broker } = setup
  const list = 'MTMount:0,ESS:301,Shed:7,MTM1M3:0{only:imsData}'
  await produce(t, setup, { PRODUCE: list, PROCESS_INDEX: '2', SITE_FILE: siteFile(t) })
  await produce(t, setup, { PRODUCE: 'rest', EXCEPT: list, SITE_FILE: siteFile(t) })
  await stored(broker, 'TEL', 'hb.summit.Producer.2', 2)
  await stored(broker, 'TEL', 'hb.summit.Producer.1')
  const [own] = await stored(broker, 'EVT', 'evt.summit.Producer.2.carries')
  t.same(fieldsOf(own), { instances: ['MTMount:0', 'ESS:301', 'Shed:7'], others: false })
  const [rest] = await stored(broker, 'EVT', 'evt.summit.Producer.1.carries')
  t.same(
    fieldsOf(rest),
    { instances: ['MTM1M3:0', 'ESS:302'], others: true },
    'a part without the heartbeat leaves the component with the other'
  )
})

t.test(
  'a broker killed with -9 and started again: everything sampled is stored once and in order',
  async t => {
    const { nats, broker, log } = await setUp(t, 0)
    const publisher = createPublisher(broker, { log })
    t.teardown(() => publisher.stop())
    const counts = createCounts(log, systemClock)
    const assignment = parseAssignment('rest', '', () => new Map())
    const refused = { note: () => undefined, noteSubject: () => undefined }
    const routes = createRoutes({
      site: 'summit',
      catalogue: loadCatalogue(),
      counts,
      names: createNames({
        bounds: { perComponent: 10, perUnknown: 10, unknownComponents: 10 },
        isListed: () => true,
        onRefused: () => undefined
      }),
      clocks: createClockOffsets({ log, nowMs: systemClock.nowMs, onChange: () => undefined }),
      refused,
      isInstance: () => true
    })
    const history = createHistory()
    const pipeline = createPipeline({
      routes,
      counts,
      refused,
      clock: systemClock,
      origin: 9,
      publish(publication) {
        history.published(publication.subject, publication.id)
        publisher.publish(publication)
      },
      reduce: () => undefined
    })
    const readRaw = createRawReader(assignment, { onMessage: pipeline.take, onFault: counts.reject })

    let seqNum = 0
    const component = setInterval(() => {
      seqNum++
      const payload = pack({
        actualPosition: seqNum,
        private_sndStamp: systemClock.taiSeconds(),
        private_seqNum: seqNum,
        private_origin: 5
      })
      for (const topic of ['azimuth', 'elevation']) readRaw(`raw.summit.MTMount.0.tel.${topic}`, payload)
      readRaw('raw.summit.MTMount.0.evt.target', payload)
    }, 2)
    t.teardown(() => clearInterval(component))
    await waitFor(() => publisher.stats().acked > 300, { what: 'samples before the outage' })
    await nats.kill9()
    const before = publisher.stats().acked
    await waitFor(() => publisher.stats().pending > 300, { what: 'samples of the outage in the spool' })
    await nats.restart()
    await waitFor(() => publisher.stats().acked > before + 900, {
      what: 'samples after the outage',
      timeoutMs: 20_000
    })
    clearInterval(component)
    t.ok(await publisher.flush(10_000), 'the spool runs empty')

    for (const stream of ['TEL', 'EVT'])
      for (const { subject, data } of await read(broker, stream)) {
        const [, , csc, index, topic] = subject.split('.')
        const { origin, seqNum, sndStamp } = decodeSample(data)
        history.received(subject, `${csc}:${index}:${topic}:${origin}:${seqNum}:${sndStamp}`)
      }
    const report = history.report()
    t.same([report.lost, report.duplicated, report.inverted, report.unknown], [[], [], [], []])
    t.ok(report.published > 1_000)
    t.comment(`${report.published} sampled, ${report.received} stored`)
  }
)

/** A producer in a process of its own, ready when it returns. */
async function startProcess(t: Test, nats: TestNats, settings: Record<string, string> = {}) {
  const child = spawn(process.execPath, serviceCommand('producer'), {
    cwd: fileURLToPath(new URL('../../..', import.meta.url)),
    env: { PATH: process.env['PATH'], NATS_URL: nats.url, ...settings },
    stdio: ['ignore', 'pipe', 'inherit']
  })
  t.teardown(() => child.kill('SIGKILL'))
  let output = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    output += text
  })
  await waitFor(() => output.includes('"msg":"ready"'), {
    what: 'the producer to be ready',
    timeoutMs: 20_000
  })
  return { child, address: /http:\/\/127\.0\.0\.1:\d+/.exec(output)?.[0] ?? '' }
}

t.test('SIGTERM of the real process: it stores what it has read, and exits 0', async t => {
  const { nats, broker } = await setUp(t)
  const { child, address } = await startProcess(t, nats)
  t.equal((await fetch(`${address}/readyz`)).status, 200)
  for (let seqNum = 1; seqNum <= 3000; seqNum++)
    broker.publish(
      'raw.summit.MTM2.0.tel.position',
      pack({ x: seqNum, private_seqNum: seqNum, private_origin: 5, private_sndStamp: 1795292928 + seqNum })
    )
  await broker.flush()
  const exited = once(child, 'exit')
  child.kill('SIGTERM')
  t.same(await exited, [0, null])
  const messages = await read(broker, 'TEL', 'tel.summit.MTM2.0.position')
  t.same(
    messages.map(message => decodeSample(message.data).seqNum),
    Array.from({ length: 3000 }, (_, i) => i + 1)
  )
})

t.test('the state of a script queue is reduced from its events, and comes back after a restart', async t => {
  const setup = await setUp(t)
  const { broker } = setup
  const say = (subject: string, fields: object): void =>
    broker.publish(`raw.summit.${subject}`, JSON.stringify(fields))
  const indices = (...values: number[]): number[] => [...values, ...new Array(400 - values.length).fill(0)]
  const lastOf = async (part: string): Promise<Fields> =>
    fieldsOf((await read(broker, 'EVT', `evt.summit.ScriptQueueState.1.${part}`)).at(-1))
  const untilLast = (part: string, wanted: (fields: Fields) => boolean): Promise<Fields> =>
    waitFor(
      async () => {
        const fields = await lastOf(part)
        return wanted(fields) ? fields : undefined
      },
      { what: `the wanted ${part}`, everyMs: 50 }
    )

  const first = await produce(t, setup, { PRODUCE: 'ScriptQueue:1' })
  say('ScriptQueue.1.evt.availableScripts', { standard: 'slew.py:auxtel/park.py', external: '' })
  say('ScriptQueue.1.evt.script', {
    scriptSalIndex: 100001,
    path: 'slew.py',
    isStandard: true,
    processState: 3,
    scriptState: 2,
    timestampRunStart: 5.5
  })
  say('ScriptQueue.1.evt.script', {
    scriptSalIndex: 100002,
    path: 'park.py',
    isStandard: true,
    processState: 2,
    scriptState: 2
  })
  say('Script.100001.evt.description', { classname: 'Slew', description: 'slews', remotes: 'mtmount' })
  say('Script.100001.evt.metadata', { duration: 30, totalCheckpoints: 4 })
  say('Script.100001.evt.state', { state: 3, lastCheckpoint: 'start' })
  say('Script.200001.evt.state', { state: 3, lastCheckpoint: 'of another queue' })
  say('ScriptQueue.1.evt.queue', {
    enabled: true,
    running: true,
    currentSalIndex: 100001,
    length: 1,
    salIndices: indices(100002),
    pastLength: 0,
    pastSalIndices: indices()
  })

  t.same(await untilLast('state', fields => fields['running'] === true), {
    enabled: true,
    running: true,
    currentSalIndex: 100001,
    length: 1,
    salIndices: [100002],
    pastLength: 0,
    pastSalIndices: []
  })
  t.same(await lastOf('available'), { standard: ['slew.py', 'auxtel/park.py'], external: [] })
  const scripts = await untilLast('scripts', fields => (fields['current'] as Fields[]).length === 1)
  t.match(scripts, {
    current: [
      {
        scriptSalIndex: 100001,
        path: 'slew.py',
        scriptState: 3,
        lastCheckpoint: 'start',
        expectedDuration: 30,
        classname: 'Slew'
      }
    ],
    waiting: [{ scriptSalIndex: 100002, path: 'park.py', scriptState: 2 }],
    finished: []
  })
  t.same(await read(broker, 'SCRIPT', 'script.summit.2.>'), [], 'a Script of another queue is not assigned')
  await first.stop()
  const documents = (await read(broker, 'EVT', 'evt.summit.ScriptQueueState.>')).length

  const second = await produce(t, setup, { PRODUCE: 'ScriptQueue:1' })
  say('Script.100001.evt.state', { state: 3, lastCheckpoint: 'middle' })
  const after = await untilLast(
    'scripts',
    fields => (fields['current'] as Fields[])[0]?.['lastCheckpoint'] === 'middle'
  )
  t.match(
    after,
    {
      current: [{ path: 'slew.py', classname: 'Slew', expectedDuration: 30 }],
      waiting: [{ path: 'park.py' }]
    },
    'what was said before the restart is still known'
  )
  await second.stop()
  t.equal(
    (await read(broker, 'EVT', 'evt.summit.ScriptQueueState.>')).length,
    documents + 1,
    'and nothing is said twice'
  )
})

t.test('a queue whose lists name a script twice is restored', async t => {
  const setup = await setUp(t)
  const { broker } = setup
  const say = (subject: string, fields: object): void =>
    broker.publish(`raw.summit.${subject}`, JSON.stringify(fields))
  const first = await produce(t, setup, { PRODUCE: 'ScriptQueue:1' })
  say('Script.100001.evt.description', { classname: 'Slew' })
  const lists = { length: 2, salIndices: [100001, 100001], pastLength: 2, pastSalIndices: [100001, -1] }
  say('ScriptQueue.1.evt.queue', { running: true, currentSalIndex: 100001, ...lists })
  await stored(broker, 'EVT', 'evt.summit.ScriptQueueState.1.scripts')
  await first.stop()

  await produce(t, setup, { PRODUCE: 'ScriptQueue:1' })
  say('Script.100001.evt.metadata', { duration: 30 })
  const last = await waitFor(
    async () => {
      const [message] = (await read(broker, 'EVT', 'evt.summit.ScriptQueueState.1.scripts')).slice(-1)
      const [script] = fieldsOf(message)['current'] as Fields[]
      return script?.['expectedDuration'] === 30 ? script : undefined
    },
    { what: 'the script as it is after the restart', everyMs: 50, timeoutMs: 30_000 }
  )
  t.equal(last['classname'], 'Slew', 'with what was said before')
})

t.test(
  'names made up are refused, told, and stay refused over a restart; listed instances go on',
  async t => {
    const setup = await setUp(t)
    const { broker } = setup
    const settings = { SITE_FILE: siteFile(t), NAMES_PER_COMPONENT: '20', PROCESS_INDEX: '4' }
    const sayMany = async (from: number): Promise<void> => {
      for (let i = from; i < from + 100; i++)
        broker.publish(`raw.summit.MTMount.${i}.evt.target`, '{"azimuth": 1}')
      await broker.flush()
    }
    const first = await produce(t, setup, settings)
    await sayMany(1)
    const [told] = await stored(broker, 'EVT', 'evt.summit.Producer.4.refusedNames')
    t.match(fieldsOf(told), {
      component: 'MTMount',
      class: 'evt',
      setting: 'NAMES_PER_COMPONENT',
      bound: 20,
      refused: 1,
      example: 'evt.summit.MTMount.21.target'
    })
    await first.stop()

    await produce(t, setup, settings)
    await sayMany(500)
    broker.publish('raw.summit.MTMount.0.evt.target', '{"azimuth": 2}')
    broker.publish('raw.summit.Shed.0.evt.door', '{"open": true}')
    await stored(broker, 'EVT', 'evt.summit.MTMount.0.target')
    await stored(broker, 'EVT', 'evt.summit.Shed.0.door')
    const names = new Set(
      (await read(broker, 'EVT', 'evt.summit.MTMount.*.target')).map(({ subject }) => subject)
    )
    t.equal(names.size, 21, 'twenty that were let through, and the one of the site')

    broker.publish('forget.summit.MTMount.5', '{"component":"MTMount","index":5}')
    await broker.flush()
    await waitFor(
      async () => {
        broker.publish('raw.summit.MTMount.900.evt.target', '{"azimuth": 3}')
        return (await read(broker, 'EVT', 'evt.summit.MTMount.900.target')).length > 0
      },
      { what: 'the room of an instance that was forgotten', everyMs: 100 }
    )
  }
)

t.test('a producer that had no broker when a component was forgotten frees its names', async t => {
  const setup = await setUp(t)
  const { nats, broker, log } = setup
  const link = await startLink(nats.port)
  t.teardown(() => link.stop())
  const settings = { NAMES_PER_COMPONENT: '20', PROCESS_INDEX: '4', SITE_FILE: siteFile(t) }
  const producer = await produce(t, { ...setup, nats: { ...nats, url: `127.0.0.1:${link.port}` } }, settings)
  const isTold = (text: RegExp): boolean => log.records.some(({ msg }) => text.test(String(msg)))
  for (let i = 1; i < 30; i++) broker.publish(`raw.summit.MTMount.${i}.evt.target`, '{"azimuth": 1}')
  await waitFor(() => isTold(/^new names are refused/), { what: 'the bound is reached' })
  const names = (): Promise<readonly string[]> => streamSubjects(broker, 'EVT', 'evt.summit.MTMount.*.target')
  // What still waits in the producer when the link is cut would make forgotten names anew.
  await waitFor(async () => (await names()).length === 20, { what: 'all is stored' })
  link.cut()
  await waitFor(() => isTold(/connection lost/), { what: 'the broker is away' })
  for (let i = 1; i < 10; i++) await forgetComponent(broker, { site: 'summit', csc: 'MTMount', index: i })
  link.mend()
  await waitFor(() => log.records.find(({ msg }) => /^names that no stream holds/.test(String(msg))), {
    what: 'names are freed',
    timeoutMs: 30_000
  })
  t.match(
    log.records.find(({ msg }) => /^names that no stream holds/.test(String(msg))),
    { names: 9 }
  )
  for (let i = 100; i < 120; i++) broker.publish(`raw.summit.MTMount.${i}.evt.target`, '{"azimuth": 1}')
  await waitFor(async () => (await names()).length === 20, { what: 'the room is used', everyMs: 50 })
  await producer.stop()
  t.equal((await names()).length, 20, 'and no more')
})

t.test('names of a stream that could not be read at the start count once it can be', async t => {
  const setup = await setUp(t)
  const { broker, log } = setup
  const settings = { NAMES_PER_UNKNOWN: '200', PROCESS_INDEX: '4' }
  await broker.request('$JS.API.STREAM.DELETE.EVT', '', { timeoutMs: 2_000 })
  await produce(t, setup, settings)
  const [unread] = log.records.filter(({ msg }) => msg === 'names in the stream not read yet')
  t.match(unread, { class: 'evt', code: 'BRK_NO_STREAM' })
  await ensureStreams(broker, streamTable('summit', 'laptop'), log)
  for (let i = 0; i < 200; i++) broker.publish(`evt.summit.Shed.0.old${i}`, '')
  await broker.flush()
  let n = 0
  await waitFor(
    async () => {
      broker.publish(`raw.summit.Shed.0.evt.new${n++}`, '{"open": true}')
      return (await read(broker, 'EVT', 'evt.summit.Producer.4.refusedNames')).length > 0
    },
    { what: 'a new name is refused', everyMs: 50 }
  )
  const names = await streamSubjects(broker, 'EVT', 'evt.summit.Shed.>')
  t.ok(names.length < 400, `${names.length} names: fewer than with 200 new ones`)
})

t.test('ten thousand made-up topics and 45,000 made-up indices leave honest devices their names', async t => {
  const setup = await setUp(t)
  const { nats, broker } = setup
  const names = async (): Promise<number> =>
    (await streamSubjects(broker, 'TEL', 'tel.summit.Made.>')).length +
    (await streamSubjects(broker, 'EVT', 'evt.summit.MTMount.>')).length
  const flood = async (from: number, topics: number, indices: number): Promise<void> => {
    for (let i = from; i < from + topics; i++) broker.publish(`raw.summit.Made.0.tel.t${i}`, '{"a": 1}')
    for (let i = from; i < from + indices; i++)
      broker.publish(`raw.summit.MTMount.${i}.evt.target`, '{"azimuth": 1}')
    await broker.flush()
  }
  const honest = async (device: string): Promise<void> => {
    broker.publish(`raw.summit.${device}.0.tel.climate`, '{"celsius": 21.5}')
    broker.publish(`raw.summit.${device}.0.evt.door`, '{"open": true}')
    broker.publish('raw.summit.MTMount.0.evt.target', '{"azimuth": 2}')
    await stored(broker, 'TEL', `tel.summit.${device}.0.climate`)
    await stored(broker, 'EVT', `evt.summit.${device}.0.door`)
    await stored(broker, 'EVT', 'evt.summit.MTMount.0.target')
  }
  const { child } = await startProcess(t, nats, { NAMES_PER_COMPONENT: '50' })
  await flood(1, 10_000, 45_000)
  await honest('Greenhouse')
  t.equal(await names(), 251, '200 topics of an unknown component, 50 indices, and the instance of the site')
  child.kill('SIGKILL')
  await once(child, 'exit')

  await broker.request('$JS.API.STREAM.PURGE.EVT', '{"filter":"evt.summit.Producer.>"}', { timeoutMs: 2_000 })
  await startProcess(t, nats, { NAMES_PER_COMPONENT: '50' })
  await flood(50_000, 100, 100)
  await honest('Shed')
  t.equal(await names(), 251, 'no name more after kill -9')
  const toldOf = async () =>
    (await read(broker, 'EVT', 'evt.summit.Producer.1.refusedNames')).map(
      message => fieldsOf(message)['refused']
    )
  const told = await waitFor(async () => ((await toldOf()).length === 14 ? toldOf() : undefined), {
    what: 'all that is told'
  })
  const doubled = [1, 2, 4, 8, 16, 32, 64]
  t.same(told, [...doubled, ...doubled], 'told as the number doubles, counted anew by the new process')
})

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
  t.match(await told(3), { topic: 'image', field: 'huge', reason: /contradicts/, refused: 1 })
})

t.test('a device that stamps UTC is told of', async t => {
  const setup = await setUp(t)
  const { broker } = setup
  await produce(t, setup, { PROCESS_INDEX: '4' })
  for (let i = 0; i < 12; i++)
    broker.publish(
      'raw.summit.Shed.3.tel.light',
      JSON.stringify({ private_sndStamp: Date.now() / 1000, lux: i })
    )
  const [told] = await stored(broker, 'EVT', 'evt.summit.Producer.4.clockOffset.Shed=2E3')
  const { component, index, offset } = fieldsOf(told)
  t.same([component, index], ['Shed', 3])
  t.ok(Math.abs(Number(offset) + 37) < 5, `37 s, and how long the samples took: ${offset}`)
})
