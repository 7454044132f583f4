import t from 'tap'
import { Client, createWorld, evt, tel, warmAll } from '../testing/hub-world.ts'

// What is removed on purpose ends the topics, and what they said behind the removal stays.
const forgetEvents = (hub: ReturnType<typeof createWorld>['hub'], upTo?: number): number =>
  hub.forget(['evt.summit.MTMount.0.>'], upTo === undefined ? undefined : new Map([['EVT', upTo]]))

t.test('what a component said behind its removal stays, in the ring and as last value', async t => {
  const { hub, put } = createWorld()
  warmAll(hub)
  const client = new Client(hub)
  client.subscribe(hub, 1, { pattern: 'evt.>' }, { pattern: 'tel.>', quality: 'all' })
  const cursor = client.cursor()
  put('EVT', 1, evt('a'))
  put('EVT', 2, evt('b'))
  put('TEL', 1, tel('a'))
  put('EVT', 3, evt('a'))
  t.equal(forgetEvents(hub, 2), 1, 'the one that said nothing since ends')
  const fresh = new Client(hub)
  fresh.subscribe(hub, 1, { pattern: 'evt.>' })
  t.same(fresh.take(), [[evt('a'), 3, { n: 3 }]])

  const back = new Client(hub)
  await back.resume(hub, cursor, { pattern: 'evt.>' }, { pattern: 'tel.>', quality: 'all' })
  t.match(back.records[0], { streams: { EVT: 'resumed', TEL: 'resumed' } })
  t.same(back.take(), [
    [tel('a'), 1, { n: 1 }],
    [evt('a'), 3, { n: 3 }]
  ])
  put('EVT', 4, evt('b'))
  hub.flushNow()
  t.same(back.take(), [[evt('b'), 4, { n: 4 }]], 'what it says now is news')
})

t.test('without a sequence everything of it is gone', async t => {
  const { hub, put } = createWorld()
  warmAll(hub)
  const client = new Client(hub)
  client.subscribe(hub, 1, { pattern: 'evt.>' })
  const cursor = client.cursor()
  for (const seq of [1, 2, 3]) put('EVT', seq, evt('a'))
  t.equal(forgetEvents(hub), 1)
  const back = new Client(hub)
  await back.resume(hub, cursor, { pattern: 'evt.>' })
  t.same(back.take(), [])
})

t.test('what the stream holds no more is replayed from the ring, unless it was forgotten', async t => {
  const { hub, put, source } = createWorld()
  source.forgotten = async () => ({
    has: () => false,
    countRemoved: async () => 0,
    upToOf: subject => (subject === evt('rogue') ? 3 : 0)
  })
  warmAll(hub)
  const client = new Client(hub)
  client.subscribe(hub, 1, { pattern: 'evt.>' })
  const cursor = client.cursor()
  put('EVT', 1, evt('a'))
  put('EVT', 2, evt('purged'))
  put('EVT', 3, evt('rogue'))
  t.equal(await hub.keepOnly('EVT', { subjects: new Set([evt('a')]), lastSeq: 3 }), 2)
  const fresh = new Client(hub)
  fresh.subscribe(hub, 1, { pattern: 'evt.>' })
  t.same(fresh.seqs(), [1], 'they are no topics any more')
  const back = new Client(hub)
  await back.resume(hub, cursor, { pattern: 'evt.>' })
  t.match(back.records[0], { streams: { EVT: 'resumed' } })
  t.same(back.take(), [
    [evt('a'), 1, { n: 1 }],
    [evt('purged'), 2, { n: 2 }]
  ])
})
