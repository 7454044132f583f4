import { encodeSample } from '@meridian/sample'
import t from 'tap'
import { Client, createWorld, evt, isData, sample, tel, warmAll } from '../testing/hub-world.ts'

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
    t.same(client.records[0], { op: 'subscribed', id: 7, topics: 2, refused: [] })
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

t.test('connections that subscribe alike change their subscriptions apart', async t => {
  const { hub, put } = createWorld()
  warmAll(hub)
  const [one, other] = [new Client(hub), new Client(hub)]
  for (const client of [one, other])
    for (const id of [1, 2]) client.subscribe(hub, id, { pattern: evt(`t${id}`) })
  await one.subscriber.unsubscribe(1)
  one.subscribe(hub, 3, { pattern: evt('t3') })
  const idsOf = (client: Client) => client.subscriber.facts().patterns.map(p => p.subscription)
  t.same(idsOf(one), [2, 3])
  t.same(idsOf(other), [1, 2])
  for (const client of [one, other]) client.take()
  for (const [i, name] of ['t1', 't2', 't3'].entries()) put('EVT', i + 1, evt(name))
  hub.flushNow()
  t.same(one.seqs(), [2, 3])
  t.same(other.seqs(), [1, 2])
})

t.test('the same patterns under other numbers are told under those', async t => {
  const { hub } = createWorld()
  const [one, other] = [new Client(hub), new Client(hub)]
  one.subscribe(hub, 1, { pattern: evt('a') }, { pattern: evt('b') })
  other.subscribe(hub, 7, { pattern: evt('a') })
  other.subscribe(hub, 8, { pattern: evt('b') })
  const idsOf = (client: Client) => client.subscriber.facts().patterns.map(p => p.subscription)
  t.equal(hub.sizes().views, 1)
  t.same(idsOf(one), [1, 1])
  t.same(idsOf(other), [7, 8])
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
    ['TEL', `tel.summit.${'a.'.repeat(1_000)}b`, broken],
    ['EVT', 'evt.summit.Made', broken],
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
