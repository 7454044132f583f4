import t, { type Test } from 'tap'
import {
  AZIMUTH,
  answer,
  data,
  live,
  recorder,
  STATE,
  setUp,
  subscribed,
  topics,
  until
} from './scripted-client.ts'

t.test('after a cut connection `all` misses nothing and repeats nothing', async t => {
  const { server, client } = await setUp(t)
  const seen = recorder()
  client.subscribe([STATE], seen.handlers)
  client.connect()
  const first = await server.visitor(1)
  await answer(first, 'c1', topics([1, STATE]), data(1, 10))
  first.say(data(1, 11), { op: 'cursor', cursor: 'c11' }, data(1, 12))
  await until(() => seen.updates.length === 3)
  first.cut()
  const second = await server.visitor(2)
  const resume = await second.next('resume')
  t.equal(resume.cursor, 'c11', 'the newest cursor')
  second.say({ op: 'resumed', streams: { EVT: 'resumed' } }, subscribed(1), topics([7, STATE]))
  second.say(data(7, 12), data(7, 13), live(1, 'c13'), data(7, 14))
  await until(() => seen.updates.length === 5)
  t.same(seen.seqs(), [10, 11, 12, 13, 14])
  t.equal(seen.updates[3]?.snapshot, false, 'what was missed is no last value')
  t.same(seen.outcomes, [{ kind: 'resumed', stream: 'EVT' }])
})

t.test('a cursor counts only when everything resumed is live again', async t => {
  const { server, client } = await setUp(t)
  const [a, b] = [recorder(), recorder()]
  client.subscribe([STATE], a.handlers)
  client.subscribe(['evt.summit.MTDome.0.>'], b.handlers)
  client.connect()
  const first = await server.visitor(1)
  await answer(first, 'c1')
  await answer(first, 'c2')
  await until(() => b.calls.includes('live'))
  first.cut()
  const second = await server.visitor(2)
  await second.next('resume')
  second.say({ op: 'resumed', streams: { EVT: 'resumed' } }, subscribed(1), subscribed(2), live(1, 'c9'))
  await until(() => a.calls.filter(call => call === 'live').length === 2)
  second.cut()
  const third = await server.visitor(3)
  t.equal((await third.next('resume')).cursor, 'c2')
})

t.test('a subscription that never was live is asked for anew, not resumed', async t => {
  const { server, client } = await setUp(t)
  const seen = recorder()
  const known = recorder()
  client.subscribe([STATE], known.handlers)
  client.connect()
  const first = await server.visitor(1)
  await answer(first, 'c1')
  await until(() => known.calls.includes('live'))
  client.subscribe([AZIMUTH], seen.handlers)
  await first.next('subscribe')
  first.cut()
  const second = await server.visitor(2)
  t.same((await second.next('resume')).subscriptions, [{ id: 1, patterns: [{ pattern: STATE }] }])
  t.same((await second.next('subscribe')).patterns, [{ pattern: AZIMUTH }])
})

t.test('a changed subscription resumes as it last was live, then changes', async t => {
  const { server, client } = await setUp(t)
  const seen = recorder()
  const subscription = client.subscribe([STATE], seen.handlers)
  client.connect()
  const first = await server.visitor(1)
  await answer(first, 'c1')
  await until(() => seen.calls.includes('live'))
  subscription.update([STATE, AZIMUTH])
  await first.next('subscribe')
  first.cut()
  const second = await server.visitor(2)
  t.same((await second.next('resume')).subscriptions, [{ id: 1, patterns: [{ pattern: STATE }] }])
  t.same((await second.next('subscribe')).patterns, [{ pattern: STATE }, { pattern: AZIMUTH }])
})

t.test(
  'a hint makes a second connection first, and ends the old one when nothing is missing on the new',
  async t => {
    const { server, client } = await setUp(t)
    const seen = recorder()
    const states: string[] = []
    client.onStatus(({ state }) => states.push(state))
    client.subscribe([STATE], seen.handlers)
    client.connect()
    const old = await server.visitor(1)
    await answer(old, 'c1', topics([1, STATE]), data(1, 1))
    await until(() => seen.calls.includes('live'))
    states.length = 0
    old.say({ op: 'reconnect', reason: 'drain', afterMs: 5, deadlineMs: 5000 })
    const next = await server.visitor(2)
    await next.next('resume')
    old.say(data(1, 2), data(1, 3))
    await until(() => seen.updates.length === 3)
    next.say({ op: 'resumed', streams: { EVT: 'resumed' } }, subscribed(1), topics([4, STATE]))
    next.say(data(4, 2), data(4, 3), data(4, 4), live(1, 'c4'))
    t.equal(await old.closed, 1000)
    next.say(data(4, 5))
    await until(() => seen.updates.length === 5)
    t.same(seen.seqs(), [1, 2, 3, 4, 5])
    t.equal(client.status().gateway, 'gw-2')
    t.same([...new Set(states)], ['live'], 'a page never sees the move')
  }
)

/** A client that moves: the old connection works, and the third try of a new one has just asked to resume. */
async function atThirdTry(t: Test) {
  const { server, client } = await setUp(t, { refuse: number => number === 2 || number === 3 })
  const seen = recorder()
  client.subscribe([STATE], seen.handlers)
  client.connect()
  const old = await server.visitor(1)
  await answer(old, 'c1', topics([1, STATE]), data(1, 1))
  old.say({ op: 'reconnect', reason: 'drain', afterMs: 0, deadlineMs: 5000 })
  const next = await server.visitor(4)
  await next.next('resume')
  return { server, client, seen, old, next }
}

t.test(
  'what came on the old connection of a move is not repeated by the new one, however many tries it took',
  async t => {
    const { seen, old, next } = await atThirdTry(t)
    old.say(data(1, 2))
    await until(() => seen.updates.length === 2)
    next.say({ op: 'resumed', streams: { EVT: 'resumed' } }, subscribed(1), topics([1, STATE]), live(1, 'c1'))
    next.say(data(1, 2), data(1, 3))
    await until(() => seen.seqs().includes(3))
    t.same(seen.seqs(), [1, 2, 3])
  }
)

t.test('a move whose second connection fails is tried again while the old one works', async t => {
  const { server, client, old, next } = await atThirdTry(t)
  t.equal(client.status().state, 'live')
  old.close(1012, 'deadline')
  await old.closed
  next.say({ op: 'resumed', streams: { EVT: 'resumed' } }, subscribed(1), live(1, 'c2'))
  await until(() => client.status().gateway === 'gw-4')
  t.equal(server.visitors(), 4)
})
