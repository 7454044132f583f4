import { decodeCursor } from '@meridian/protocol/live'
import { splitPattern } from '@meridian/subjects'
import t from 'tap'
import { Client, createSource, createWorld, evt, tel, warmAll } from '../testing/hub-world.ts'
import { findLostToLimit } from './lost-to-limit.ts'
import type { Message } from './message.ts'

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

t.test('more subjects may have reached their limit than a call takes arguments', async t => {
  const messages = Array.from({ length: 200_000 }, (_, i) => ({
    seq: i + 2,
    topic: { subject: evt(`t${i}`) }
  }))
  const behind = {
    after: 0,
    edge: 300_000,
    maxPerSubject: 1,
    patterns: [splitPattern('evt.>')],
    topics: new Set([])
  }
  const lost = findLostToLimit({ ...behind, messages: messages as unknown as readonly Message[] })
  t.match(lost, { from: 1, to: 200_000 })
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
