import { encodeMsgpack } from '@meridian/msgpack'
import { OWN_COMPONENTS } from '@meridian/subjects'
import fc from 'fast-check'
import { pack } from 'msgpackr'
import t from 'tap'
import { createBench, fieldsOf, sampleOf } from '../../test/pipeline-bench.ts'

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
  t.same(new Set(Object.values(bench.counts.rejected)), new Set([0]))
})

t.test("nobody speaks on raw. under a name of Meridian's own components", async t => {
  const bench = createBench()
  for (const csc of OWN_COMPONENTS) {
    t.equal(bench.take(`${csc}.0.hb`, ''), undefined, csc)
    t.equal(bench.take(`${csc}.0.evt.carries`, { instances: [], others: false }), undefined, csc)
    t.equal(bench.take(`${csc}.0.tel.load`, { load: 1 }), undefined, csc)
  }
  t.equal(bench.counts.rejected.PRD_BAD_SUBJECT, 3 * OWN_COMPONENTS.length)
  t.ok(bench.take('Producers.0.hb', ''), 'another name is as good as any')
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
    const bench = createBench({ perUnknown: 2 })
    bench.take('Shed.0.tel.a', 'garbage')
    t.equal(bench.unknownTopics(), 0, 'garbage takes no room')
    for (const topic of ['a', 'b', 'a'])
      t.ok(sampleOf(bench.take(`Shed.0.tel.${topic}`, { x: 1 })).uncatalogued)
    t.equal(bench.take('Shed.0.tel.c', { x: 1 }), undefined)
    t.equal(bench.counts.rejected.PRD_TOO_MANY_NAMES, 1)
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
  const bench = createBench({ perComponent: 1e6, perUnknown: 1e6, unknownComponents: 1e6 })
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
  await null
  const reasons = bench.refusedData.map(({ component, reason }) => `${component}: ${reason}`)
  t.same(
    [...new Set(reasons)],
    ['Shed: no field can hold its value', 'MTMount: field contradicts the catalogue']
  )
})

t.test(
  'a stamp that is no instant after 1970 is filled in, or nobody would take it for a heartbeat',
  async t => {
    const bench = createBench()
    for (const private_sndStamp of [0, -5, -1e30]) {
      t.match(sampleOf(bench.take('Shed.0.hb', { private_sndStamp })), { sndStamp: 1037 })
      t.match(sampleOf(bench.take('Shed.0.tel.count', { private_sndStamp, n: 1 })), { sndStamp: 1037 })
    }
  }
)

t.test('bytes that are no UTF-8 are refused, not altered', async t => {
  const bench = createBench()
  const json = Uint8Array.of(...Buffer.from('{"a": "'), 0xff, ...Buffer.from('"}'))
  const msgpack = Uint8Array.of(0x81, 0xa1, 0x61, 0xa1, 0xff)
  const key = Uint8Array.of(0x81, 0xa1, 0xff, 0x01)
  for (const payload of [json, msgpack, key]) t.equal(bench.take('Shed.0.tel.count', payload), undefined)
  t.equal(bench.counts.rejected.PRD_BAD_PAYLOAD, 3)
})

t.test('a text that begins with a byte order mark keeps it', async t => {
  const bench = createBench()
  const text = '\ufeffa'
  t.same(fieldsOf(bench.take('Shed.0.tel.count', JSON.stringify({ text }))), { text })
  t.same(fieldsOf(bench.take('Shed.0.tel.count', encodeMsgpack({ text }))), { text })
})

t.test('what is left out is told by instance: at first, as it doubles, and again after a minute', async t => {
  const bench = createBench()
  for (let i = 0; i < 100; i++) bench.take('MTMount.0.tel.azimuth', { actualPosition: 'x' })
  bench.take('MTMount.1.tel.azimuth', { actualPosition: 'x' })
  bench.take('Watcher.0.evt.alarm', { name: [1] })
  await null
  const told = (component: string, index: number) =>
    bench.refusedData.filter(one => one.component === component && one.index === index)
  t.same(
    told('MTMount', 0).map(({ refused }) => refused),
    [1, 2, 4, 8, 16, 32, 64]
  )
  t.match(told('MTMount', 0)[0], { topic: 'azimuth', field: 'actualPosition', reason: /contradicts/ })
  t.match(told('MTMount', 1), [{ refused: 1 }], 'instances share a writer, and are told apart')
  t.match(told('Watcher', 0)[0], { topic: 'alarm', field: '', reason: /key field/ })
  bench.clock.ms += 60_000
  bench.take('MTMount.0.tel.azimuth', { actualPosition: 'x' })
  await null
  t.match(told('MTMount', 0).at(-1), { refused: 101 })
  t.same(told('MTDome', 0), [])
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

t.test('what was held back for a minute and is read in some seconds tells nothing of a clock', async t => {
  const bench = createBench()
  bench.clock.ms = Date.UTC(2026, 10, 22)
  for (let late = 60; late > -30; late -= 0.05) {
    // A minute is read within ten seconds.
    bench.clock.ms += late > 0 ? 8 : 50
    bench.take('Shed.0.hb', { private_sndStamp: bench.clock.taiSeconds() - Math.max(late, 0) })
  }
  t.same(bench.changes, [])
})

t.test('a clock that is steadily off is told once, and once more when it is right again', async t => {
  const bench = createBench()
  bench.clock.ms = Date.UTC(2026, 10, 22)
  const say = (offset: number, count: number): void => {
    for (let i = 0; i < count; i++) {
      bench.clock.ms += 1_000
      bench.take('Shed.0.hb', { private_sndStamp: bench.clock.taiSeconds() + offset })
    }
  }
  say(0, 20)
  say(-3, 20)
  say(-3600, 1)
  say(0, 5)
  t.same(bench.changes, [], 'samples that come late and single odd stamps say nothing')
  say(-37.04, 30)
  t.same(bench.changes, [{ component: 'Shed', index: 0, offset: -37 }])
  const [logged] = bench.log.records.filter(record => record.msg === 'clock of a component is off')
  t.match(logged, { component: 'Shed', index: 0, why: /stamps UTC, where TAI is due: 37 s/ })
  say(600, 30)
  say(0, 30)
  t.same(bench.changes.slice(1), [
    { component: 'Shed', index: 0, offset: 600 },
    { component: 'Shed', index: 0, offset: 0 }
  ])
  t.equal(bench.log.records.filter(record => record.msg === 'clock of a component is off').length, 2)
})
