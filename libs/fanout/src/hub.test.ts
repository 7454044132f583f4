import { encodeMsgpack } from '@meridian/msgpack'
import {
  type Codec,
  type DataRecord,
  decodeCursor,
  parseServerMessage,
  type ServerRecord
} from '@meridian/protocol/live'
import { encodeSample } from '@meridian/sample'
import { traitsOf } from '@meridian/subjects'
import t from 'tap'
import {
  createHub,
  createWorkTurns,
  type Frame,
  type HistorySource,
  type Hub,
  payloadOf,
  type StoredMessage
} from './index.ts'

/** Turns that never end: what is asked for is done at once. */
const atOnce = () => createWorkTurns(() => 0)

const streams = [traitsOf('TEL'), traitsOf('EVT'), traitsOf('COMMANDS')]

const sample = (fields: Record<string, unknown>, sndStamp = 1000.5): Uint8Array =>
  encodeSample({
    sndStamp,
    rcvStamp: 0,
    seqNum: 1,
    origin: 1,
    identity: '',
    revCode: '',
    fields: encodeMsgpack(fields),
    uncatalogued: false
  })

/** A stream that is remembered whole, as a broker would. */
function createSource(): HistorySource & {
  stored: Map<string, StoredMessage[]>
  epoch: string
  firstSeq: number
  reads: number
} {
  const stored = new Map<string, StoredMessage[]>()
  return {
    stored,
    epoch: 'e1',
    firstSeq: 1,
    reads: 0,
    async range(stream) {
      const lastSeq = stored.get(stream)?.at(-1)?.seq ?? 0
      return { epoch: this.epoch, firstSeq: this.firstSeq, lastSeq, maxPerSubject: 5 }
    },
    async storedAt(stream, seq) {
      return seq < this.firstSeq ? undefined : stored.get(stream)?.find(m => m.seq === seq)?.timeUs
    },
    async read({ stream, fromSeq, toSeq }) {
      this.reads++
      const isWanted = ({ seq }: StoredMessage): boolean =>
        seq >= fromSeq && seq <= toSeq && seq >= this.firstSeq
      return { messages: stored.get(stream)?.filter(isWanted) ?? [], upTo: toSeq }
    }
  }
}

const isData = (record: ServerRecord): record is DataRecord => Array.isArray(record)

class Client {
  readonly records: ServerRecord[] = []
  readonly frames: Frame[] = []
  readonly names = new Map<number, string>()
  buffered = 0
  /** Whether what is written waits for good. */
  stalls = false
  slow = 0
  work = 0
  readonly subscriber
  constructor(hub: Hub, codec: Codec = 'msgpack') {
    this.subscriber = hub.attach(
      {
        write: frame => {
          this.frames.push(frame)
          if (this.stalls) this.buffered += frame.buffer.length
          const message = codec === 'json' ? payloadOf(frame).toString() : payloadOf(frame)
          for (const record of parseServerMessage(message)) this.#receive(record)
        },
        bufferedBytes: () => this.buffered
      },
      codec,
      { onSlow: () => this.slow++, account: { owedMs: () => 0, spend: units => (this.work += units) } }
    )
  }
  #receive(record: ServerRecord): void {
    this.records.push(record)
    if ('op' in record && record.op === 'topics')
      for (const [id, subject] of record.topics) this.names.set(id, subject)
  }
  subscribe(hub: Hub, id: number, ...patterns: Parameters<Hub['readPattern']>[0][]): void {
    void this.subscribed(hub, id, ...patterns)
  }
  subscribed(hub: Hub, id: number, ...patterns: Parameters<Hub['readPattern']>[0][]): void | Promise<void> {
    return this.subscriber.subscribe(() => ({
      id,
      patterns: patterns.map(p => hub.readPattern(p)),
      refused: []
    }))
  }
  resume(hub: Hub, cursor: string, ...patterns: Parameters<Hub['readPattern']>[0][]): Promise<void> {
    return this.subscriber.resume(decodeCursor(cursor), () => [
      { id: 1, patterns: patterns.map(p => hub.readPattern(p)), refused: [] }
    ])
  }
  /** Data as `[subject, seq, fields]`, and forgets it. */
  take(): readonly unknown[] {
    const data = this.records.filter(isData).map(r => [this.names.get(r[0]), r[1], r[3]])
    this.records.length = 0
    return data
  }
  seqs(): readonly unknown[] {
    return this.take().map(d => (d as readonly unknown[])[1])
  }
  ops(): readonly string[] {
    return this.records.map(r => ('op' in r ? r.op : 'data'))
  }
  cursor(): string {
    const last = this.records.filter(r => 'op' in r && (r.op === 'cursor' || r.op === 'live')).at(-1)
    return (last as { cursor?: string } | undefined)?.cursor ?? 'none'
  }
}

interface World {
  hub: Hub
  source: ReturnType<typeof createSource>
  put(stream: string, seq: number, subject: string, data?: Uint8Array, timeUs?: number): void
}
function createWorld(options: { source?: ReturnType<typeof createSource>; ringMs?: number } = {}): World {
  const source = options.source ?? createSource()
  const hub = createHub({
    streams,
    history: source,
    ring: { ms: options.ringMs ?? 30_000, bytes: 1 << 20 },
    lagMs: 100,
    turns: atOnce()
  })
  return {
    hub,
    source,
    put(stream, seq, subject, data = sample({ n: seq }), timeUs = seq * 1000) {
      const stored = { seq, timeUs, subject, data }
      const list = source.stored.get(stream) ?? []
      source.stored.set(stream, list)
      if (list.every(m => m.seq !== seq)) list.push(stored)
      hub.message(stream, stored)
    }
  }
}
const warmAll = (hub: Hub, epoch = 'e1'): void => {
  for (const { name } of streams) hub.warm(name, { epoch, seq: 0, timeUs: 0 })
}
const evt = (topic: string): string => `evt.summit.MTMount.0.${topic}`
const tel = (topic: string): string => `tel.summit.MTMount.0.${topic}`

for (const codec of ['msgpack', 'json'] as const) {
  t.test(`${codec}: last values come first, then what follows them, once each`, async t => {
    const { hub, put } = createWorld()
    put('EVT', 1, evt('summaryState'))
    put('EVT', 2, evt('summaryState'))
    put('EVT', 3, evt('inPosition'))
    warmAll(hub)
    const client = new Client(hub, codec)
    client.subscribe(hub, 7, { pattern: evt('*') })
    t.same(client.ops(), ['subscribed', 'topics', 'data', 'data', 'live'])
    t.match(client.records[0], { op: 'subscribed', id: 7, topics: 2, refused: [] })
    t.same(client.take(), [
      [evt('summaryState'), 2, { n: 2 }],
      [evt('inPosition'), 3, { n: 3 }]
    ])
    put('EVT', 4, evt('inPosition'))
    put('EVT', 5, evt('newcomer'))
    hub.flushNow()
    t.same(client.ops(), ['topics', 'data', 'data', 'cursor'])
    t.same(client.take(), [
      [evt('inPosition'), 4, { n: 4 }],
      [evt('newcomer'), 5, { n: 5 }]
    ])
  })
}

t.test('one frame serves all that get the same, and one encoding all that differ', async t => {
  const { hub, put } = createWorld()
  warmAll(hub)
  const [a, b, c] = [new Client(hub), new Client(hub), new Client(hub)]
  a.subscribe(hub, 1, { pattern: tel('azimuth'), quality: 'all' })
  b.subscribe(hub, 9, { pattern: tel('azimuth'), quality: 'all' })
  c.subscribe(hub, 1, { pattern: tel('*'), quality: 'all' })
  t.equal(hub.sizes().views, 2)
  put('TEL', 1, tel('azimuth'))
  put('TEL', 2, tel('azimuth'))
  hub.flushNow()
  t.same([a.seqs(), b.seqs(), c.seqs()], [[], [], []], 'telemetry waits for its tick')
  hub.tick()
  t.equal(a.frames.at(-1), b.frames.at(-1))
  t.same(
    [a.seqs(), b.seqs(), c.seqs()],
    [
      [1, 2],
      [1, 2],
      [1, 2]
    ]
  )
  put('TEL', 3, tel('azimuth'))
  hub.tick()
  t.equal(a.frames.at(-1), c.frames.at(-1), 'views that differ got the same message')
  put('TEL', 4, tel('azimuth'))
  put('TEL', 5, tel('elevation'))
  hub.tick()
  t.not(a.frames.at(-1), c.frames.at(-1))
  t.same(
    [a.seqs(), c.seqs()],
    [
      [3, 4],
      [3, 4, 5]
    ]
  )
  b.subscriber.close()
  c.subscriber.close()
  t.equal(hub.sizes().views, 1)
})

t.test(
  'latest brings the last value at its rate, and two rates of one topic do not disturb each other',
  async t => {
    const { hub, put } = createWorld()
    warmAll(hub)
    const [fast, slow] = [new Client(hub), new Client(hub)]
    fast.subscribe(hub, 1, { pattern: tel('azimuth'), rate: 20 })
    slow.subscribe(hub, 1, { pattern: tel('azimuth'), rate: 1 })
    for (let seq = 1; seq <= 60; seq++) {
      put('TEL', seq, tel('azimuth'))
      if (seq % 2 === 0) hub.tick()
    }
    t.equal(fast.seqs().length, 30)
    t.same(slow.seqs(), [2, 42])
    for (let i = 0; i < 25; i++) hub.tick()
    t.same(slow.seqs(), [60], 'it converges to the last value')
  }
)

t.test('fields are chosen per subscription and joined where several of one connection match', async t => {
  const { hub, put } = createWorld()
  warmAll(hub)
  const client = new Client(hub)
  client.subscribe(hub, 1, { pattern: evt('a'), fields: ['x', 'absent'] })
  const data = sample({ x: 1, y: [1, 2], z: 'three', w: 1.5 })
  put('EVT', 1, evt('a'), data)
  hub.flushNow()
  t.same(client.take(), [[evt('a'), 1, { x: 1 }]])
  client.subscribe(hub, 2, { pattern: evt('*'), fields: ['y'] })
  t.same(client.take(), [[evt('a'), 1, { x: 1, y: [1, 2] }]])
  client.subscriber.unsubscribe(1)
  put('EVT', 2, evt('a'), data)
  hub.flushNow()
  t.same(client.take(), [[evt('a'), 2, { y: [1, 2] }]])
})

t.test('who joins a view in which messages wait does not get them a second time', async t => {
  const { hub, put } = createWorld()
  warmAll(hub)
  const [first, second] = [new Client(hub), new Client(hub)]
  first.subscribe(hub, 1, { pattern: tel('*'), quality: 'all' })
  put('TEL', 1, tel('a'))
  put('TEL', 2, tel('a'))
  second.subscribe(hub, 1, { pattern: tel('*'), quality: 'all' })
  hub.tick()
  t.same([first.seqs(), second.seqs()], [[1, 2], [2]])
})

t.test(
  'events that wait when somebody joins are sent before, and those that follow are sent once',
  async t => {
    const { hub, put } = createWorld()
    warmAll(hub)
    const [first, second] = [new Client(hub), new Client(hub)]
    first.subscribe(hub, 1, { pattern: evt('*') })
    put('EVT', 1, evt('a'))
    second.subscribe(hub, 1, { pattern: evt('*') })
    put('EVT', 2, evt('a'))
    hub.flushNow()
    hub.flushNow()
    t.same(
      [first.seqs(), second.seqs()],
      [
        [1, 2],
        [1, 2]
      ]
    )
    t.equal(first.frames.length, 3, 'nothing empty was sent')
  }
)

t.test('a change of subscriptions loses nothing that waited and repeats nothing', async t => {
  const { hub, put } = createWorld()
  warmAll(hub)
  const client = new Client(hub)
  client.subscribe(hub, 1, { pattern: tel('a'), quality: 'all' }, { pattern: tel('b'), rate: 0.2 })
  put('TEL', 1, tel('a'))
  put('TEL', 2, tel('b'))
  client.subscribe(hub, 2, { pattern: tel('c'), quality: 'all' })
  t.same([...client.seqs()].sort(), [1, 2])
  put('TEL', 3, tel('a'))
  put('TEL', 4, tel('c'))
  hub.tick()
  t.same(client.seqs(), [3, 4])
  t.throws(() => client.subscriber.unsubscribe(5), { code: 'GTW_NO_SUBSCRIPTION' })
})

t.test('a topic announced to a view is known to a member that comes or goes before its data', async t => {
  const { hub, put } = createWorld()
  warmAll(hub)
  const client = new Client(hub)
  client.subscribe(hub, 1, { pattern: tel('*'), rate: 0.2 })
  put('TEL', 1, tel('a'))
  client.subscribe(hub, 2, { pattern: evt('*') })
  t.same(client.take(), [[tel('a'), 1, { n: 1 }]])
})

t.test('commands come as their records, and their topics end with the ring', async t => {
  const { hub, put } = createWorld({ ringMs: 1000 })
  warmAll(hub)
  const client = new Client(hub, 'json')
  client.subscribe(hub, 1, { pattern: 'ack.summit.>' })
  const record = { id: 'x', state: 'complete', time: 12.5 }
  put('COMMANDS', 1, 'ack.summit.MTMount.0.x', Buffer.from(JSON.stringify(record)))
  hub.flushNow()
  t.match(client.records.find(isData), [1, 1, 12.5, record])
  t.equal(hub.sizes().topics, 1)
  put('COMMANDS', 2, 'ack.summit.MTMount.0.y', Buffer.from('{}'), 5_000_000)
  t.equal(hub.sizes().topics, 1)
})

t.test('garbage is counted, skipped and harms no frame', async t => {
  const { hub, put } = createWorld()
  warmAll(hub)
  const client = new Client(hub)
  client.subscribe(hub, 1, { pattern: '>', quality: 'all' })
  const broken = sample({ a: 1 })
  const garbage: ReadonlyArray<readonly [string, string, Uint8Array]> = [
    ['TEL', tel('a'), new Uint8Array(0)],
    ['TEL', tel('a'), Buffer.from('hello')],
    ['TEL', tel('a'), broken.subarray(0, broken.length - 1)],
    [
      'EVT',
      evt('a'),
      encodeSample({
        sndStamp: 1,
        rcvStamp: 0,
        seqNum: 1,
        origin: 1,
        identity: '',
        revCode: '',
        fields: Buffer.from([0xdf, 255, 255, 255, 255]),
        uncatalogued: false
      })
    ],
    ['COMMANDS', 'ack.summit.A.0.x', Buffer.from('{"open":')],
    ['COMMANDS', 'ack.summit.A.0.x', Buffer.from('[1]')]
  ]
  for (const [i, [stream, subject, data]] of garbage.entries()) put(stream, i + 1, subject, data)
  put('TEL', 90, tel('a'))
  put('EVT', 91, evt('a'), sample({ ['__proto__']: 1, text: '\u{1F52D}' }))
  hub.tick()
  t.equal(hub.counts.bad, garbage.length)
  t.same(client.seqs(), [91, 90])
})

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
    maxTopics: 3
  })
  const client = new Client(hub)
  for (let i = 0; i < 4; i++)
    hub.message('EVT', { seq: i + 1, timeUs: 1, subject: evt(`t${i}`), data: sample({}) })
  client.subscribe(hub, 1, { pattern: evt('t1') })
  client.subscribe(hub, 2, { pattern: evt('t2') })
  t.throws(() => client.subscribe(hub, 3, { pattern: evt('t3') }), { code: 'GTW_TOO_MANY_SUBSCRIPTIONS' })
  client.subscribe(hub, 2, { pattern: evt('t3') })
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
    const hub = createHub({ streams, turns: atOnce(), history: createSource() })
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

t.test('resume on another hub: from its ring, nothing missing, nothing twice', async t => {
  const source = createSource()
  const [one, two] = [createWorld({ source }), createWorld({ source })]
  warmAll(one.hub)
  warmAll(two.hub)
  const put = (...args: Parameters<World['put']>): void => {
    one.put(...args)
    two.put(...args)
  }
  const client = new Client(one.hub)
  client.subscribe(one.hub, 1, { pattern: evt('*') }, { pattern: tel('a') })
  put('TEL', 1, tel('a'))
  put('EVT', 1, evt('a'))
  put('EVT', 2, evt('b'))
  one.hub.flushNow()
  const cursor = client.cursor()
  client.subscriber.close()
  put('EVT', 3, evt('a'))
  put('EVT', 4, evt('c'))
  const again = new Client(two.hub)
  await again.resume(two.hub, cursor, { pattern: evt('*') }, { pattern: tel('a') })
  t.match(again.records[0], { op: 'resumed', streams: { EVT: 'resumed' } })
  t.same(again.ops(), ['resumed', 'subscribed', 'topics', 'data', 'data', 'data', 'live'])
  t.same(again.take(), [
    [evt('a'), 3, { n: 3 }],
    [evt('c'), 4, { n: 4 }],
    [tel('a'), 1, { n: 1 }]
  ])
  t.equal(source.reads, 0)
  put('EVT', 5, evt('a'))
  two.hub.flushNow()
  t.same(again.seqs(), [5])
})

t.test('a cursor older than the ring is served from the stream, in one read for many', async t => {
  const source = createSource()
  const first = createWorld({ source })
  warmAll(first.hub)
  const client = new Client(first.hub)
  client.subscribe(first.hub, 1, { pattern: evt('*') })
  for (let seq = 1; seq <= 3; seq++) first.put('EVT', seq, evt(`t${seq}`))
  first.hub.flushNow()
  const cursor = client.cursor()
  const late = createWorld({ source })
  for (let seq = 1; seq <= 6; seq++) late.put('EVT', seq, evt(`t${seq % 4}`))
  late.hub.warm('EVT', { epoch: 'e1', seq: 6, timeUs: 6000 })
  late.hub.warm('TEL', { epoch: 'e1', seq: 0, timeUs: 0 })
  const many = Array.from({ length: 20 }, () => new Client(late.hub))
  const resumed = Promise.all(many.map(c => c.resume(late.hub, cursor, { pattern: evt('*') })))
  await new Promise(resolve => setTimeout(resolve, 5))
  late.put('EVT', 7, evt('t0'))
  many.push(new Client(late.hub))
  await many.at(-1)?.resume(late.hub, cursor, { pattern: evt('*') })
  await resumed
  for (const c of many) {
    t.match(c.records[0], { op: 'resumed', streams: { EVT: 'resumed' } })
    t.same(c.seqs(), [4, 5, 6, 7])
  }
  t.equal(source.reads, 1)
})

t.test('what the stream dropped is a gap that is told, and what it still holds follows', async t => {
  const source = createSource()
  const { hub, put } = createWorld({ source })
  for (let seq = 1; seq <= 9; seq++) put('EVT', seq, evt('a'))
  hub.warm('EVT', { epoch: 'e1', seq: 9, timeUs: 9000 })
  const probe = new Client(hub)
  probe.subscribe(hub, 1, { pattern: evt('*') })
  source.firstSeq = 6
  const { EVT } = decodeCursor(probe.cursor())
  const cursor = (seq: number): string =>
    probe.cursor().replace(/\.9\.\w+$/, `.${seq}.${(seq * 1000).toString(36)}`)
  t.equal(EVT?.seq, 9)
  const client = new Client(hub)
  await client.resume(hub, cursor(2), { pattern: evt('*') })
  t.match(client.records[0], { op: 'resumed', streams: { EVT: { gap: { from: 3, to: 5 } } } })
  t.same(client.seqs(), [6, 7, 8, 9])

  source.firstSeq = 1
  const chatty = new Client(hub)
  await chatty.resume(hub, cursor(4), { pattern: evt('a') })
  t.match(
    chatty.records[0],
    { op: 'resumed', streams: { EVT: 'resumed' } },
    'as many as a subject ever keeps, and nothing before them'
  )
  t.same(chatty.seqs(), [5, 6, 7, 8, 9])
  const list = source.stored.get('EVT') ?? []
  list.splice(
    list.findIndex(m => m.seq === 4),
    1
  )
  const holed = new Client(hub)
  await holed.resume(hub, cursor(3), { pattern: evt('b') }, { pattern: evt('a') })
  t.same(holed.records[0], {
    op: 'resumed',
    streams: { EVT: { gap: { from: 4, to: 4, subjects: [evt('a')] } } }
  })
  t.same(holed.seqs(), [5, 6, 7, 8, 9])
})

t.test('what a limit per subject dropped is told by subject, counting what the ring holds', async t => {
  const source = createSource()
  const { hub, put } = createWorld({ source, ringMs: 4 })
  warmAll(hub)
  const probe = new Client(hub)
  probe.subscribe(hub, 1, { pattern: evt('*') })
  const cursor = probe.cursor().replace(/\.EVT\.(\w+)\..*$/, '.EVT.$1.0.0')
  for (let seq = 1; seq <= 16; seq++) put('EVT', seq, evt(seq % 4 === 0 ? 'slow' : 'busy'))
  // The stream keeps five of a subject: of busy 10, 11, 13, 14, 15.
  const list = source.stored.get('EVT') ?? []
  source.stored.set(
    'EVT',
    list.filter(({ seq }) => seq % 4 === 0 || seq >= 10)
  )
  const client = new Client(hub)
  await client.resume(hub, cursor, { pattern: evt('*') })
  t.same(client.records[0], {
    op: 'resumed',
    streams: { EVT: { gap: { from: 1, to: 9, subjects: [evt('busy')] } } }
  })
  t.same(client.seqs(), [4, 8, 10, 11, 12, 13, 14, 15, 16])
  const other = new Client(hub)
  await other.resume(hub, cursor, { pattern: evt('slow') })
  t.same(other.records[0], { op: 'resumed', streams: { EVT: 'resumed' } }, 'it concerns nobody else')
})

t.test('a limit that was changed while the gateway ran counts as it was at the time', async t => {
  const source = createSource()
  const { hub, put } = createWorld({ source, ringMs: 4 })
  hub.warm('EVT', { epoch: 'e1', seq: 0, timeUs: 0, maxPerSubject: 5 })
  const probe = new Client(hub)
  probe.subscribe(hub, 1, { pattern: evt('*') })
  const before = probe.cursor().replace(/\.EVT\.(\w+)\..*$/, '.EVT.$1.0.0')
  for (let seq = 1; seq <= 9; seq++) put('EVT', seq, evt('busy'))
  // The stream has kept five, and then somebody gave it more room.
  source.stored.set(
    'EVT',
    (source.stored.get('EVT') ?? []).filter(({ seq }) => seq >= 5)
  )
  const { range } = source
  source.range = async stream => ({ ...(await range.call(source, stream)), maxPerSubject: 1_000 })
  for (let seq = 10; seq <= 20; seq++) put('EVT', seq, evt('busy'))
  const outcomeOf = async (cursor: string): Promise<unknown> => {
    const client = new Client(hub)
    await client.resume(hub, cursor, { pattern: evt('*') })
    return client.records[0]
  }
  const lost = { op: 'resumed', streams: { EVT: { gap: { from: 1, to: 4, subjects: [evt('busy')] } } } }
  t.same(await outcomeOf(before), lost)
  t.same(await outcomeOf(before), lost, 'also once the new limit is known')
})

t.test('a follower that lags makes no gap: nothing is lost', async t => {
  const source = createSource()
  const { hub, put } = createWorld({ source, ringMs: 4 })
  warmAll(hub)
  for (let seq = 1; seq <= 9; seq++) put('EVT', seq, evt(`t${seq % 3}`))
  const probe = new Client(hub)
  probe.subscribe(hub, 1, { pattern: evt('*') })
  const base = probe.cursor().replace(/\.EVT\.(\w+)\..*$/, '.EVT.$1')
  const { range } = source
  source.range = async stream => ({ ...(await range.call(source, stream)), maxPerSubject: 100 })
  /** In the stream now; the follower gets them when the function that it gives is called, one after the other. */
  const storeAhead = (...seqs: readonly number[]) => {
    const more = seqs.map(seq => ({
      seq,
      timeUs: seq * 1000,
      subject: evt(`t${seq % 3}`),
      data: sample({ n: seq })
    }))
    source.stored.get('EVT')?.push(...more)
    return async (everyMs: number): Promise<void> => {
      for (const stored of more) {
        await new Promise(resolve => setTimeout(resolve, everyMs))
        hub.message('EVT', stored)
      }
      hub.flushNow()
    }
  }
  // The cursor of another gateway, which has read on. A message comes here every 60 ms of the 100 that the
  // follower may stand still.
  const catchUp = storeAhead(10, 11, 12, 13, 14)
  const ahead = new Client(hub)
  const at13 = `${base}.${(13).toString(36)}.${(13_000).toString(36)}`
  const resumed = ahead.resume(hub, at13, { pattern: evt('*') })
  await catchUp(60)
  await resumed
  t.same(ahead.records[0], { op: 'resumed', streams: { EVT: 'resumed' } }, 'it waits for its cursor')
  t.same(ahead.seqs(), [14])

  const goOn = storeAhead(15, 16)
  const behind = new Client(hub)
  await behind.resume(hub, `${base}.0.0`, { pattern: evt('*') })
  t.same(behind.records[0], { op: 'resumed', streams: { EVT: 'resumed' } }, 'the stream has it all')
  t.same(
    behind.seqs(),
    Array.from({ length: 14 }, (_, i) => i + 1)
  )
  await goOn(0)
  t.same(behind.seqs(), [15, 16], 'each once')
})

t.test('a cursor ahead of a gateway whose broker is away waits for it: nothing comes twice', async t => {
  const source = createSource()
  const { hub, put } = createWorld({ source })
  warmAll(hub)
  for (let seq = 1; seq <= 3; seq++) put('EVT', seq, evt('a'))
  const probe = new Client(hub)
  probe.subscribe(hub, 1, { pattern: evt('*') })
  const { range } = source
  let asked = 0
  source.range = async () => {
    asked++
    throw new Error('the broker is away')
  }
  const at5 = probe.cursor().replace(/\.EVT\.(\w+)\..*$/, `.EVT.$1.5.${(5_000).toString(36)}`)
  const [client, gone, rolledBack] = [new Client(hub), new Client(hub), new Client(hub)]
  const resumes = [client, gone].map(one => one.resume(hub, at5, { pattern: evt('*') }))
  while (asked < 4) await new Promise(resolve => setTimeout(resolve, 5))
  t.same(client.records, [], 'no answer yet')
  gone.subscriber.close()
  for (let seq = 4; seq <= 6; seq++) put('EVT', seq, evt('a'))
  await Promise.all(resumes)
  t.same(client.records[0], { op: 'resumed', streams: { EVT: 'resumed' } })
  t.same(client.seqs(), [6])
  t.same(gone.records, [])
  source.range = range
  await rolledBack.resume(hub, at5.replace(/\.5\.\w+$/, '.9.1'), { pattern: evt('*') })
  t.same(rolledBack.ops().slice(0, 2), ['reset', 'resumed'])
})

t.test('what is too much to be read again is a gap up to the ring, not beyond', async t => {
  const source = createSource()
  const { hub, put } = createWorld({ source, ringMs: 4 })
  warmAll(hub)
  const probe = new Client(hub)
  probe.subscribe(hub, 1, { pattern: tel('*'), quality: 'all' })
  const cursor = probe.cursor().replace(/\.TEL\.(\w+)\..*$/, '.TEL.$1.0.0')
  for (let seq = 1; seq <= 20; seq++) put('TEL', seq, tel('a'))
  const { read, range } = source
  source.range = async stream => ({ ...(await range.call(source, stream)), maxPerSubject: Infinity })
  source.read = async asked => ({ messages: (await read.call(source, asked)).messages.slice(0, 3), upTo: 3 })
  const client = new Client(hub)
  await client.resume(hub, cursor, { pattern: tel('*'), quality: 'all' })
  t.same(client.records[0], { op: 'resumed', streams: { TEL: { gap: { from: 4, to: 15 } } } })
  t.same(client.seqs(), [1, 2, 3, 16, 17, 18, 19, 20])
  source.read = async () => {
    throw new Error('the broker is away')
  }
  const alone = new Client(hub)
  await alone.resume(hub, cursor, { pattern: tel('a'), quality: 'all' })
  t.same(alone.records[0], { op: 'resumed', streams: { TEL: { gap: { from: 1, to: 15 } } } })
  t.same(alone.seqs(), [16, 17, 18, 19, 20])
})

t.test(
  'what a follower never got is told to all whom it may concern, at once and at later resumes',
  async t => {
    const { hub, put } = createWorld()
    warmAll(hub)
    const all = new Client(hub)
    all.subscribe(hub, 1, { pattern: evt('*') })
    const before = all.cursor()
    const others = [new Client(hub), new Client(hub)]
    others[0]?.subscribe(hub, 1, { pattern: evt('*'), quality: 'latest' })
    others[1]?.subscribe(hub, 1, { pattern: tel('*'), quality: 'all' })
    for (const client of [all, ...others]) client.take()
    put('EVT', 1, evt('a'))
    hub.hole('EVT', { from: 2, to: 4 })
    put('EVT', 5, evt('a'))
    hub.hole('EVT', { from: 6, to: 6 })
    put('EVT', 7, evt('a'))
    hub.flushNow()
    t.same(
      all.records.filter(r => 'op' in r && r.op === 'gap'),
      [{ op: 'gap', stream: 'EVT', from: 2, to: 6 }],
      'once for what is sent together'
    )
    t.match(all.records.at(-1), { op: 'cursor' })
    const after = all.cursor()
    t.same(all.seqs(), [1, 5, 7])
    hub.tick()
    for (const client of others) t.notOk(client.ops().includes('gap'))
    hub.hole('EVT', { from: 8, to: 9 })
    hub.flushNow()
    t.same(all.ops(), ['gap', 'cursor'], 'also where nothing follows')
    t.equal(hub.counts.missed, 6)
    const outcomeOf = async (cursor: string): Promise<unknown> => {
      const client = new Client(hub)
      await client.resume(hub, cursor, { pattern: evt('*') })
      return client.records[0]
    }
    t.same(await outcomeOf(before), { op: 'resumed', streams: { EVT: { gap: { from: 2, to: 9 } } } })
    t.same(await outcomeOf(after), { op: 'resumed', streams: { EVT: { gap: { from: 8, to: 9 } } } })
    t.same(await outcomeOf(all.cursor()), { op: 'resumed', streams: { EVT: 'resumed' } })
  }
)

t.test('another epoch, another stamp or a log that went back is a reset', async t => {
  const { hub, put } = createWorld()
  warmAll(hub)
  for (let seq = 1; seq <= 3; seq++) put('EVT', seq, evt('a'))
  const probe = new Client(hub)
  probe.subscribe(hub, 1, { pattern: evt('*') })
  const good = probe.cursor()
  const stamp = good.split('.').at(-1) as string
  const resets = [
    good.replace(/^1\.EVT\.\w+/, '1.EVT.zzz'),
    good.replace(stamp, '7'),
    good.replace(/\.3\.\w+$/, '.99.zz')
  ]
  for (const cursor of resets) {
    const client = new Client(hub)
    await client.resume(hub, cursor, { pattern: evt('*') })
    t.match(
      client.records.slice(0, 2),
      [
        { op: 'reset', stream: 'EVT' },
        { op: 'resumed', streams: { EVT: 'snapshot' } }
      ],
      cursor
    )
    t.same(client.seqs(), [3])
  }
  const same = new Client(hub)
  await same.resume(hub, good, { pattern: evt('*') })
  t.match(same.records[0], { streams: { EVT: 'resumed' } })
  t.same(same.seqs(), [])
})

t.test('a stream made anew is told, and its new values follow', async t => {
  const { hub, put } = createWorld()
  warmAll(hub)
  const client = new Client(hub)
  client.subscribe(hub, 1, { pattern: evt('*') })
  const other = new Client(hub)
  other.subscribe(hub, 1, { pattern: tel('*') })
  put('EVT', 5, evt('a'))
  hub.reset('EVT')
  t.same(client.ops().slice(-3), ['data', 'cursor', 'reset'])
  t.notOk(other.ops().includes('reset'))
  client.take()
  put('EVT', 1, evt('a'), sample({ n: 'new' }))
  hub.warm('EVT', { epoch: 'e2', seq: 1, timeUs: 1000 })
  hub.flushNow()
  t.same(client.take(), [[evt('a'), 1, { n: 'new' }]])
})

t.test('a cursor that moves without data is sent from time to time', async t => {
  const { hub, put } = createWorld()
  warmAll(hub)
  const client = new Client(hub)
  client.subscribe(hub, 1, { pattern: evt('rare') })
  const before = client.cursor()
  for (let seq = 1; seq <= 50; seq++) put('EVT', seq, evt('often'))
  for (let i = 0; i < 200; i++) hub.tick()
  t.same(client.ops().slice(3), [])
  t.not(client.cursor(), before)
  t.equal(decodeCursor(client.cursor())['EVT']?.seq, 50)
})
