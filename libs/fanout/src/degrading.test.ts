import t from 'tap'
import { Client, createWorld, evt, tel, warmAll } from '../testing/hub-world.ts'

const HIGH = (8 << 20) / 8

/** A hub with two clients that watch the same, of which the second stops to read. */
function pairOf(...patterns: Parameters<Client['subscribe']>[2][]) {
  const world = createWorld()
  warmAll(world.hub)
  const [quick, slow] = [new Client(world.hub), new Client(world.hub)]
  for (const client of [quick, slow]) client.subscribe(world.hub, 1, ...patterns)
  let nowMs = 0
  const look = (times: number): void => {
    for (let i = 0; i < times; i++) {
      nowMs += 1_000
      world.hub.look(nowMs)
    }
  }
  return { ...world, quick, slow, look }
}
const steps = (client: Client): readonly string[] =>
  client.records.flatMap(record => ('op' in record && record.op === 'degraded' ? record.step : []))

t.test(
  'who does not read goes down the ladder, is told, and keeps all events; others notice nothing',
  async t => {
    const all = { pattern: '>', quality: 'all' } as const
    const { hub, put, quick, slow, look } = pairOf(all)
    put('TEL', 1, tel('a'))
    put('EVT', 1, evt('e'))
    hub.tick()
    slow.buffered = HIGH
    look(4)
    t.same(steps(slow), ['slower', 'latest', 'paused'])
    for (let n = 2; n <= 5; n++) {
      put('TEL', n, tel('a'))
      put('EVT', n, evt('e'))
      hub.flushNow()
      hub.tick()
    }
    slow.buffered = 0
    look(6)
    hub.tick()
    t.same(steps(slow), ['slower', 'latest', 'paused', 'latest'])
    const seqs = (client: Client, subject: string) =>
      client.take().flatMap(d => ((d as unknown[])[0] === subject ? [(d as unknown[])[1]] : []))
    const [records, whole] = [[...slow.records], [...quick.records]]
    t.same(seqs(slow, evt('e')), [1, 2, 3, 4, 5], 'every event once')
    slow.records.push(...records)
    t.same(seqs(slow, tel('a')), [1, 5], 'the last value comes with the climb')
    t.same(seqs(quick, tel('a')), [1, 2, 3, 4, 5])
    t.same(
      whole.filter(r => 'op' in r && r.op === 'degraded'),
      []
    )
    put('TEL', 6, tel('a'))
    look(15)
    t.same(steps(slow), ['slower', 'none'], 'and up to the top')
    const gap = slow.records.find(record => 'op' in record && record.op === 'gap')
    t.match(gap, { stream: 'TEL', from: 2, to: 6 }, 'what was missed is told')
    slow.records.length = 0
    put('TEL', 7, tel('a'))
    hub.tick()
    t.same(slow.seqs(), [7])
    t.same(hub.counts.degradations, { none: 1, slower: 2, latest: 2, paused: 1 })
    t.same(hub.sizes().degraded, { none: 2, slower: 0, latest: 0, paused: 0 })
  }
)

t.test(
  'heartbeats go on while telemetry is paused, and topics that are new meanwhile come with the climb',
  async t => {
    const { hub, put, slow, look } = pairOf({ pattern: 'tel.>' }, { pattern: 'hb.>' })
    const beat = 'hb.summit.MTMount.0'
    put('TEL', 1, beat)
    hub.tick()
    slow.buffered = HIGH
    look(4)
    slow.records.length = 0
    put('TEL', 2, beat)
    put('TEL', 3, tel('new'))
    for (let i = 0; i < 30; i++) hub.tick()
    t.same(slow.take(), [[beat, 2, { n: 2 }]])
    slow.buffered = 0
    look(6)
    t.same(slow.take(), [[tel('new'), 3, { n: 3 }]])
  }
)

t.test(
  'while telemetry is held back the cursor does not hold it: a resume begins with last values',
  async t => {
    const { hub, put, slow, look } = pairOf({ pattern: '>', quality: 'all' })
    put('TEL', 1, tel('a'))
    put('EVT', 1, evt('e'))
    slow.buffered = HIGH
    look(3)
    put('TEL', 2, tel('a'))
    put('EVT', 2, evt('e'))
    hub.flushNow()
    hub.tick()
    const cursor = slow.cursor()
    const again = new Client(hub)
    await again.resume(hub, cursor, { pattern: '>', quality: 'all' })
    t.match(
      again.records.find(record => 'op' in record && record.op === 'resumed'),
      { streams: { TEL: 'snapshot', EVT: 'resumed' } }
    )
    t.match(again.take(), [[tel('a'), 2]])
  }
)

t.test('who asks for something gets all of it again', async t => {
  const { hub, put, slow, look } = pairOf({ pattern: tel('*'), quality: 'all' })
  put('TEL', 1, tel('a'))
  hub.tick()
  slow.buffered = HIGH
  look(4)
  put('TEL', 2, tel('a'))
  hub.tick()
  slow.buffered = 0
  slow.records.length = 0
  slow.subscribe(hub, 2, { pattern: evt('*') })
  t.same(slow.ops(), ['degraded', 'gap', 'topics', 'data', 'cursor', 'subscribed', 'live'])
  put('TEL', 3, tel('a'))
  hub.tick()
  t.same(slow.seqs(), [2, 3])
})

t.test('when all together hold too much, those that hold most are ended', async t => {
  const world = createWorld({ maxWaitingBytes: 1_000 })
  warmAll(world.hub)
  const clients = [100, 500, 300, 400].map(bytes => {
    const client = new Client(world.hub)
    client.buffered = bytes
    return client
  })
  world.hub.look(1_000)
  t.same(
    clients.map(({ slow }) => slow),
    [0, 1, 0, 0]
  )
  t.equal(world.hub.counts.relieved, 1)
  t.equal(world.hub.sizes().waitingBytes, 800)
  t.equal(world.hub.sizes().subscribers, 3)
})
