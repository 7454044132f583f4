import t from 'tap'
import {
  atOnce,
  Client,
  createSource,
  createWorld,
  evt,
  sample,
  streams,
  tel,
  warmAll
} from '../testing/hub-world.ts'
import { createHub, createWorkTurns } from './index.ts'

t.test('a slow connection is cut off alone', async t => {
  const { hub, put } = createWorld()
  warmAll(hub)
  const [good, stuck] = [new Client(hub), new Client(hub)]
  good.subscribe(hub, 1, { pattern: evt('*') })
  stuck.subscribe(hub, 1, { pattern: evt('*') })
  stuck.take()
  stuck.buffered = 9 << 20
  put('EVT', 1, evt('a'))
  hub.flushNow()
  t.same(
    [good.seqs(), stuck.seqs(), stuck.slow, hub.counts.slow, hub.sizes().subscribers],
    [[1], [], 1, 1, 1]
  )
})

t.test(
  'an answer larger than what may wait is sent whole, and counts as slow only what comes on top',
  async t => {
    const { hub, put } = createWorld()
    warmAll(hub)
    const large = sample({ text: 'x'.repeat(1 << 20) })
    for (let seq = 1; seq <= 12; seq++) put('EVT', seq, evt(`large${seq}`), large)
    const client = new Client(hub)
    client.stalls = true
    client.subscribe(hub, 1, { pattern: evt('*') })
    t.ok(client.buffered > 12 << 20)
    t.equal(client.ops().at(-1), 'live')
    client.take()
    put('EVT', 13, evt('small'))
    hub.flushNow()
    t.same([client.seqs(), client.slow], [[13], 0])
    client.subscribe(hub, 2, { pattern: evt('*') })
    t.same([client.slow, client.buffered < 24 << 20], [1, true], 'a second one on top is too much')

    const reader = new Client(hub)
    for (let answer = 1; answer <= 3; answer++) {
      reader.buffered = 0
      reader.stalls = true
      reader.subscribe(hub, answer, { pattern: evt('*') })
      t.equal(reader.slow, 0)
    }
    reader.stalls = false
    reader.buffered = 0
    put('EVT', 14, evt('small'))
    hub.flushNow()
    reader.buffered = 9 << 20
    put('EVT', 15, evt('small'))
    hub.flushNow()
    t.equal(reader.slow, 1, 'what has been read gives no room any more')
  }
)

t.test('bounds on subscriptions and topics are kept', async t => {
  const hub = createHub({
    streams,
    turns: atOnce(),
    history: createSource(),
    maxSubscriptions: 2,
    maxPatterns: 3,
    maxTopics: 3
  })
  const client = new Client(hub)
  for (let i = 0; i < 4; i++)
    hub.message('EVT', { seq: i + 1, timeUs: 1, subject: evt(`t${i}`), data: sample({}) })
  client.subscribe(hub, 1, { pattern: evt('t1') })
  client.subscribe(hub, 2, { pattern: evt('t2') })
  t.throws(() => client.subscribe(hub, 3, { pattern: evt('t3') }), { code: 'GTW_TOO_MANY_SUBSCRIPTIONS' })
  client.subscribe(hub, 2, { pattern: evt('t3') }, { pattern: 'evt.>' })
  t.throws(() => client.subscribe(hub, 1, { pattern: evt('t1') }, { pattern: evt('t1') }), {
    code: 'GTW_TOO_MANY_PATTERNS',
    facts: { limit: 3 }
  })
  t.throws(() => hub.readPattern({ pattern: 'a..b' }), { code: 'WIR_BAD_PATTERN' })
})

t.test('a pattern of too many topics is taken in part: whoever makes too many names gives way', async t => {
  const hub = createHub({ streams, turns: atOnce(), history: createSource(), maxTopics: 10 })
  let seq = 0
  const say = (subject: string): void =>
    hub.message('EVT', { seq: ++seq, timeUs: 1, subject, data: sample({}) })
  for (let index = 0; index < 40; index++) say(`evt.summit.Rogue.${index}.a`)
  for (const topic of ['a', 'b', 'c']) say(evt(topic))
  say('evt.summit.ATDome.0.a')
  const client = new Client(hub)
  client.subscribe(hub, 1, { pattern: '>' }, { pattern: evt('*') })
  t.match(client.records[0], {
    op: 'subscribed',
    topics: 10,
    refused: [{ pattern: '>', error: { code: 'GTW_TOO_MANY_TOPICS', facts: { limit: 10, leftOut: 34 } } }]
  })
  const subjects = [...client.names.values()]
  t.equal(subjects.filter(subject => subject.includes('Rogue')).length, 6)
  t.equal(subjects.filter(subject => !subject.includes('Rogue')).length, 4, 'all others')
  client.take()
  say('evt.summit.Rogue.41.a')
  say('evt.summit.Rogue.0.a')
  hub.flushNow()
  t.same(client.seqs(), [46])
  const crowded = createHub({ streams, turns: atOnce(), history: createSource(), maxTopics: 2 })
  const early = new Client(crowded)
  early.subscribe(crowded, 1, { pattern: evt('>') })
  early.take()
  for (let i = 0; i < 5; i++)
    crowded.message('EVT', { seq: i + 1, timeUs: 1, subject: evt(`t${i}`), data: sample({}) })
  crowded.flushNow()
  t.match(
    early.records.filter(r => 'op' in r && r.op === 'error'),
    [{ error: { code: 'GTW_TOO_MANY_TOPICS' } }],
    'told once when the first topic is left out'
  )
  t.same(early.seqs(), [1, 2])
})

t.test('a text is matched once, however many patterns ask for it, and stays so for a while', async t => {
  const hub = createHub({ streams, turns: atOnce(), history: createSource() })
  const TOPICS = 3_000
  for (let i = 0; i < TOPICS; i++)
    hub.message('TEL', { seq: i + 1, timeUs: 1, subject: tel(`t${i}`), data: sample({ a: 1 }) })
  const client = new Client(hub)
  const everything = Array.from({ length: 1_000 }, (_, i) => ({ pattern: '>', fields: [`f${i}`] }))
  const workOf = async (...patterns: typeof everything): Promise<number> => {
    const before = client.work
    await client.subscribed(hub, 1, ...patterns)
    return client.work - before
  }
  const first = await workOf(...everything)
  t.ok(first < 5 * TOPICS, `${first} units for 1,000 patterns`)
  client.subscriber.unsubscribe(1)
  const again = await workOf(...everything)
  t.ok(again <= first - TOPICS, `${again} units: no topic is held against a pattern again`)
  for (const name of ['first', 'second', 'first']) {
    hub.message('TEL', { seq: 5_000, timeUs: 1, subject: tel(`later-${name}`), data: sample({ f1: 1 }) })
    hub.tick()
  }
  t.ok([...client.names.values()].includes(tel('later-second')), 'a new topic finds its patterns')
})

t.test(
  'the bytes of last values are work: who takes much of them again and again has had its share',
  async t => {
    const { hub, put } = createWorld()
    put('EVT', 1, evt('large'), sample({ text: 'x'.repeat(50_000) }))
    const client = new Client(hub)
    client.subscribe(hub, 1, { pattern: evt('large') })
    t.ok(client.work >= 500, `${client.work} units for one topic of 50 kB`)
  }
)

t.test('many walks are made over several turns, and too many of them are refused with a code', async t => {
  let now = 0
  const turns = createWorkTurns(() => (now += 3))
  const hub = createHub({ streams, history: createSource(), turns, maxTopics: 5_000 })
  for (let i = 0; i < 4_000; i++) {
    const subject = `tel.summit.C${i % 40}.${i % 10}.t${i}`
    hub.message('TEL', { seq: i + 1, timeUs: 1, subject, data: sample({}) })
  }
  const client = new Client(hub)
  const wide = ['>', '*.>', '*.*.>', '*.*.*.>', '*.*.*.*.*', 'tel.>', 'tel.*.>', 'tel.*.*.>', 'tel.*.*.*.>']
  const subscribed = client.subscribed(hub, 1, ...wide.map(pattern => ({ pattern })))
  t.same(client.ops(), [], 'nothing is said before all is matched')
  await subscribed
  t.equal(client.ops()[0], 'subscribed')
  t.equal(turns.waited, 1)
  const more = ['tel.summit.>', '*.summit.>', 'tel.summit.*.>', '*.summit.*.>', 'tel.*.*.*.*']
  await t.rejects(async () => client.subscribed(hub, 2, ...more.map(pattern => ({ pattern }))), {
    code: 'GTW_TOO_MUCH_WORK',
    facts: { limit: 50_000 }
  })
  client.take()
  hub.message('TEL', { seq: 9_000, timeUs: 1, subject: 'tel.summit.C0.0.t0', data: sample({}) })
  for (let i = 0; i < 3; i++) hub.tick()
  t.same(client.seqs(), [9_000], 'the subscriptions that it had go on')
})

t.test(
  'as many patterns as a client may send cost what they find, not a walk over all topics each',
  async t => {
    const hub = createHub({ streams, turns: atOnce(), history: createSource(), maxPatterns: 20_000 })
    for (let i = 0; i < 4_000; i++) {
      const subject = `tel.summit.C${i % 60}.${i % 9}.t${i % 70}`
      hub.message('TEL', { seq: i + 1, timeUs: 1, subject, data: sample({}) })
    }
    const client = new Client(hub)
    // Processor time: a busy machine makes the clock run, not the work.
    const began = process.cpuUsage()
    for (let id = 0; id < 20; id++) {
      const patterns = Array.from({ length: 900 }, (_, k) => ({ pattern: `tel.*.*.${id}.t${k}` }))
      client.subscribe(hub, id, ...patterns)
    }
    const { user, system } = process.cpuUsage(began)
    const tookMs = (user + system) / 1000
    t.ok(tookMs < 2_500, `${Math.round(tookMs)} ms`)
    t.equal(new Set(client.names.values()).size, hub.sizes().topics, 'every topic was found')
  }
)
