import { decodeCursor } from '@meridian/protocol/live'
import t from 'tap'
import {
  Client,
  createSource,
  createWorld,
  evt,
  sample,
  tel,
  type World,
  warmAll
} from '../testing/hub-world.ts'

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

t.test('a cursor beyond the end of a busy log is a reset too, before the log has grown to it', async t => {
  const { hub, put } = createWorld()
  warmAll(hub)
  put('EVT', 1, evt('a'))
  const probe = new Client(hub)
  probe.subscribe(hub, 1, { pattern: evt('*') })
  const beyond = probe.cursor().replace(/\.1\.\w+$/, '.zz.zz')
  let seq = 1
  const growing = setInterval(() => put('EVT', ++seq, evt('a')), 5)
  t.teardown(() => clearInterval(growing))
  const client = new Client(hub)
  await client.resume(hub, beyond, { pattern: evt('*') })
  t.match(client.records[0], { op: 'reset', stream: 'EVT' })
  t.ok(seq < 1_000, 'long before zz')
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
