import type { Publication } from '@meridian/broker'
import { type Catalogue, loadCatalogue } from '@meridian/catalogue'
import { decodeFields, type Fields } from '@meridian/msgpack'
import { decodeSample, type Sample } from '@meridian/sample'
import { createTestLog, type TestLog } from '@meridian/testing'
import type { Clock } from '@meridian/time'
import fc from 'fast-check'
import { pack } from 'msgpackr'
import t from 'tap'
import { parseAssignment } from '../assignment.ts'
import { type QueueEvent, queueEventOf } from '../script-queue/queue-event.ts'
import { createRawReader } from '../sources/nats-raw.ts'
import { type Counts, createCounts } from './counts.ts'
import { createPipeline } from './pipeline.ts'
import { createRoutes } from './routes.ts'

const catalogue: Catalogue = loadCatalogue()

interface Bench {
  take(subject: string, payload: unknown): Publication | undefined
  readonly counts: Counts
  readonly log: TestLog
  readonly clock: Clock & { ms: number }
  readonly queueEvents: QueueEvent[]
  unknownTopics(): number
}

function createBench(maxUnknownTopics = 3): Bench {
  const log = createTestLog()
  const clock = { ms: 1_000_000, nowMs: () => clock.ms, taiSeconds: () => clock.ms / 1000 + 37 }
  const counts = createCounts(log, clock)
  const assignment = parseAssignment('rest', 'MTDome:0', () => new Map())
  const routes = createRoutes({ site: 'summit', catalogue, counts, maxUnknownTopics })
  const queueEvents: QueueEvent[] = []
  let published: Publication | undefined
  const pipeline = createPipeline({
    routes,
    counts,
    clock,
    origin: 99,
    publish: p => {
      published = p
    },
    reduce(message, sndStamp) {
      const event = queueEventOf(message, sndStamp)
      if (event !== undefined) queueEvents.push(event)
    }
  })
  const read = createRawReader(assignment, { onMessage: pipeline.take, onFault: counts.reject })
  return {
    take(subject, payload) {
      published = undefined
      const isBytes = typeof payload === 'string' || payload instanceof Uint8Array
      read(`raw.summit.${subject}`, isBytes ? Buffer.from(payload) : pack(payload))
      return published
    },
    counts,
    log,
    clock,
    queueEvents,
    unknownTopics: () => routes.unknownTopics()
  }
}

const sampleOf = (publication: Publication | undefined): Sample =>
  decodeSample(publication?.data ?? new Uint8Array())
const fieldsOf = (publication: Publication | undefined): Fields => decodeFields(sampleOf(publication).fields)

t.test('what a component does not say the producer fills in', async t => {
  const bench = createBench()
  const first = bench.take('MTHexapod.1.evt.summaryState', { summaryState: 1 })
  t.equal(first?.id, 'MTHexapod:1:summaryState:99:1:1037')
  t.equal(first?.subject, 'evt.summit.MTHexapod.1.summaryState')
  t.equal(first?.kind, 'event')
  const { fields: _, ...envelope } = sampleOf(bench.take('MTHexapod.1.evt.summaryState', { summaryState: 1 }))
  t.same(envelope, {
    sndStamp: 1037,
    rcvStamp: 1037,
    seqNum: 2,
    origin: 99,
    identity: 'MTHexapod:1',
    revCode: '',
    uncatalogued: false
  })
})

t.test('private names and salIndex are no fields, and nonsense in them is filled in too', async t => {
  const bench = createBench()
  const said = {
    azimuthPosition: 1,
    salIndex: 0,
    private_sndStamp: 'now',
    private_seqNum: 1.5,
    private_origin: 2 ** 40,
    private_identity: 7,
    private_efdStamp: 3
  }
  const published = bench.take('ATDome.0.tel.position', said)
  t.same(fieldsOf(published), { azimuthPosition: 1 })
  t.match(sampleOf(published), { sndStamp: 1037, seqNum: 1, origin: 99, identity: 'ATDome' })
})

t.test('blanks before JSON do not matter', async t => {
  t.same(fieldsOf(createBench().take('ATDome.0.tel.position', '\n {"azimuthPosition": 2}')), {
    azimuthPosition: 2
  })
})

t.test('what another process is assigned is passed over without being counted', async t => {
  const bench = createBench()
  t.equal(bench.take('MTDome.0.tel.azimuth', { positionActual: 1 }), undefined)
  t.equal(bench.take('MTDome.0.hb', ''), undefined)
  t.same(bench.counts.rejected, {
    PRD_BAD_SUBJECT: 0,
    PRD_BAD_PAYLOAD: 0,
    PRD_TOO_MANY_TOPICS: 0,
    PRD_BAD_FIELD: 0
  })
})

t.test('key fields become a token, also where the message lacks them', async t => {
  const bench = createBench()
  t.equal(
    bench.take('ESS.301.tel.temperature', { sensorName: 'Aux Tel' })?.subject,
    'tel.summit.ESS.301.temperature.Aux=20Tel'
  )
  t.equal(bench.take('ESS.301.tel.temperature', {})?.subject, 'tel.summit.ESS.301.temperature.=')
  t.match(
    bench.take('MTMount.0.evt.warning', { code: 5, subsystem: 100 })?.subject,
    /^evt\.summit\.MTMount\.0\.warning\.100=2E5$/
  )
})

t.test(
  'topics outside the catalogue are let through up to a number, and only when they can be read',
  async t => {
    const bench = createBench(2)
    bench.take('Shed.0.tel.a', 'garbage')
    t.equal(bench.unknownTopics(), 0, 'garbage takes no room')
    for (const topic of ['a', 'b', 'a'])
      t.ok(sampleOf(bench.take(`Shed.0.tel.${topic}`, { x: 1 })).uncatalogued)
    t.equal(bench.take('Shed.0.tel.c', { x: 1 }), undefined)
    t.equal(bench.counts.rejected.PRD_TOO_MANY_TOPICS, 1)
    t.ok(bench.take('ATDome.0.tel.position', {}), 'what the catalogue knows always passes')
  }
)

t.test('a queue and its scripts are told to the reduction', async t => {
  const bench = createBench()
  bench.take('ScriptQueue.2.evt.queue', { running: true })
  bench.take('Script.200001.evt.state', { state: 3 })
  bench.take('Script.200001.evt.logMessage', { message: 'x' })
  bench.take('ScriptQueue.2.evt.nextVisit', {})
  t.match(bench.queueEvents, [
    { queue: 2, topic: 'queue' },
    { queue: 2, topic: 'state', scriptIndex: 200001, fields: { state: 3 } }
  ])
  t.equal(bench.queueEvents.length, 2)
})

t.test('what a queue says of one script goes where the script is kept, which forgets', async t => {
  const bench = createBench()
  const subjectOf = (topic: string, payload: unknown): string | undefined =>
    bench.take(`ScriptQueue.2.evt.${topic}`, payload)?.subject
  t.equal(subjectOf('script', { scriptSalIndex: 200_007 }), 'script.summit.2.200007.script')
  t.equal(subjectOf('nextVisit', { scriptSalIndex: 200_007 }), 'script.summit.2.200007.nextVisit')
  t.equal(
    subjectOf('nextVisitCanceled', { scriptSalIndex: 200_008 }),
    'script.summit.2.200008.nextVisitCanceled'
  )
  for (const wrong of [null, -1, 1.5, 2 ** 40, '200007'])
    t.equal(subjectOf('script', { scriptSalIndex: wrong }), 'script.summit.2.0.script', String(wrong))
  t.equal(subjectOf('queue', { length: 0 }), 'evt.summit.ScriptQueue.2.queue')
  t.match(bench.counts.samples, { script: 8, evt: 1 })
})

t.test('the same fault is logged once in ten seconds and counted always', async t => {
  const bench = createBench()
  for (let i = 0; i < 100; i++) bench.take('ATDome.0.tel.position', 'nonsense')
  t.equal(bench.log.records.length, 1)
  bench.clock.ms += 10_000
  bench.take('ATDome.0.tel.position', 'nonsense')
  t.same(
    bench.log.records.map(record => [record['code'], record['total']]),
    [
      ['PRD_BAD_PAYLOAD', 1],
      ['PRD_BAD_PAYLOAD', 101]
    ]
  )
})

t.test('the lag is the largest of the last seconds and goes again', async t => {
  const bench = createBench()
  bench.take('ATDome.0.tel.position', { private_sndStamp: 1037 - 4 })
  bench.take('ATDome.0.tel.position', { private_sndStamp: 1037 - 1 })
  t.equal(bench.counts.worstLagSeconds(), 4)
  bench.clock.ms += 25_000
  t.equal(bench.counts.worstLagSeconds(), 0)
})

t.test('whatever comes on raw., nothing is thrown and every outcome is counted', async () => {
  const word = fc.stringMatching(/^[A-Za-z0-9_$ -]{0,6}$/)
  const subject = fc.array(word, { maxLength: 6 }).map(words => words.join('.'))
  const known = fc.constantFrom(
    'ATDome.0.tel.position',
    'Watcher.0.evt.alarm',
    'MTMount.0.hb',
    'Script.100001.evt.state',
    'ScriptQueue.1.evt.queue'
  )
  const payload = fc.oneof(
    fc.uint8Array({ maxLength: 60 }),
    fc.string().map(text => `{${text}`),
    fc.json(),
    fc.object({ maxDepth: 2 })
  )
  const bench = createBench(1_000_000)
  fc.assert(
    fc.property(fc.oneof(subject, known), payload, (subject, payload) => {
      const before = Object.values(bench.counts.rejected).reduce((a, b) => a + b, 0)
      const published = bench.take(subject, payload)
      if (published === undefined)
        return Object.values(bench.counts.rejected).reduce((a, b) => a + b, 0) > before
      fieldsOf(published)
      return /^[\x21-\x7e]+$/.test(published.id)
    }),
    { numRuns: 1000, endOnFailure: true }
  )
})

t.test('numbers of JSON arrive as they were written', async t => {
  const bench = createBench()
  t.same(fieldsOf(bench.take('Shed.0.tel.count', '{"n": 9007199254740993, "m": [-9007199254740993, 1]}')), {
    n: 9007199254740993n,
    m: [-9007199254740993n, 1]
  })
  t.same(fieldsOf(bench.take('Shed.0.tel.count', '{"celsius": NaN, "low": -Infinity, "humidity": 0.7}')), {
    celsius: Number.NaN,
    low: -Infinity,
    humidity: 0.7
  })
  t.same(bench.counts.rejected.PRD_BAD_FIELD, 0)
})

t.test('a number that no double holds is left out and counted, the rest of the sample goes on', async t => {
  const bench = createBench()
  t.same(fieldsOf(bench.take('Shed.0.tel.count', '{"big": 1e400, "tiny": 1e-400, "n": 1}')), { n: 1 })
  t.same(fieldsOf(bench.take('MTMount.0.tel.azimuth', '{"actualPosition": 1e400, "demandPosition": 2}')), {
    demandPosition: 2
  })
  t.equal(bench.counts.rejected.PRD_BAD_FIELD, 3)
})

t.test('bytes that are no UTF-8 are refused, not altered', async t => {
  const bench = createBench()
  const payload = Uint8Array.of(...Buffer.from('{"a": "'), 0xff, ...Buffer.from('"}'))
  t.equal(bench.take('Shed.0.tel.count', payload), undefined)
  t.equal(bench.counts.rejected.PRD_BAD_PAYLOAD, 1)
})

t.test('a heartbeat is one whatever it carries', async t => {
  const bench = createBench()
  const payloads = ['', 'alive', '1', '[1]', '{"cut', '{}', Uint8Array.of(0xc1), '"x"', pack([1])]
  for (const payload of payloads) t.equal(bench.take('Shed.0.hb', payload)?.subject, 'hb.summit.Shed.0')
  t.equal(bench.take('Shed.0.evt.heartbeat', 'alive')?.subject, 'hb.summit.Shed.0')
  const stamped = bench.take('Shed.0.hb', '{"private_seqNum": 7}')
  t.equal(sampleOf(stamped).seqNum, 7)
  t.equal(bench.counts.rejected.PRD_BAD_PAYLOAD, 0)
})
