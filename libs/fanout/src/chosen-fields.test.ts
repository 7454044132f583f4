import type { PatternRequest } from '@meridian/protocol/live'
import t from 'tap'
import { atOnce, Client, createSource, evt, sample, streams, tel } from '../testing/hub-world.ts'
import { createHub, createWorkTurns, type Hub, type HubOptions } from './index.ts'
import { createSubscribedPatterns } from './subscribed-pattern.ts'

const createTopics = (count: number, options: Partial<HubOptions> = {}): Hub => {
  const hub = createHub({ streams, history: createSource(), turns: atOnce(), ...options })
  for (let i = 0; i < count; i++)
    hub.message('TEL', { seq: i + 1, timeUs: 1, subject: tel(`t${i}`), data: sample({ a: i, b: 2 }) })
  return hub
}
const names = (from: number, count: number): string[] =>
  Array.from({ length: count }, (_, i) => `field${from + i}`)
const refused = (client: Client, hub: Hub, id: number, ...patterns: PatternRequest[]): unknown => {
  try {
    client.subscribe(hub, id, ...patterns)
    return undefined
  } catch (err) {
    return err
  }
}

t.test(
  'what patterns choose of one topic is joined up to 256 names; beyond that all fields come',
  async t => {
    const patterns = createSubscribedPatterns()
    const choose = (pattern: string, fields?: string[]) => patterns.of({ pattern, ...(fields && { fields }) })
    const [left, right] = [choose('tel.>', names(0, 128)), choose('tel.summit.>', names(100, 128))]
    t.same(new Set(patterns.union([left, right])?.names), new Set(names(0, 228)))
    t.equal(patterns.union([left, right]), patterns.union([right, left]), 'worked out once')
    t.equal(
      patterns.union([left, choose('tel.*.>', names(0, 128).reverse())]),
      left.projection,
      'the same choice'
    )
    t.equal(patterns.union([left, right, choose('tel.*.>', ['x'])]), undefined)
    t.equal(patterns.union([left, choose('>')]), undefined)
    const most = choose('evt.>', names(0, 256))
    t.equal(patterns.union([most]), most.projection)
    t.equal(patterns.union([most, choose('evt.*.>', ['x'])]), undefined)
  }
)

t.test('to join what broad patterns choose costs no more for each topic than 256 names', async t => {
  const TOPICS = 400
  const BROAD = 38
  let joined = 0
  const patterns = createSubscribedPatterns(count => {
    joined += count
  })
  const broad = Array.from({ length: BROAD }, (_, i) =>
    patterns.of({ pattern: 'tel.>', fields: names(i * 256, 256) })
  )
  const read = joined
  t.equal(read, BROAD * 256, 'a name that is read counts')
  for (let i = 0; i < TOPICS; i++) {
    const own = patterns.of({ pattern: tel(`t${i}`), fields: [`only${i}`] })
    patterns.union([...broad, own])
    patterns.union([own, patterns.of({ pattern: 'tel.*.>', fields: names(0, 200) })])
  }
  t.ok(joined - read <= TOPICS * (1 + 200 + 201), `${joined - read} names`)
})

t.test('one who chooses many fields of many topics pays for them, and others come in between', async t => {
  let pieces = 0
  const turns = createWorkTurns(() => (pieces += 3))
  const hub = createTopics(1_000, { turns })
  const client = new Client(hub)
  const own = Array.from({ length: 1_000 }, (_, i) => ({ pattern: tel(`t${i}`), fields: [`only${i}`, 'a'] }))
  await client.subscribed(hub, 1, { pattern: 'tel.>', fields: names(0, 200) })
  const before = client.work
  pieces = 0
  await client.subscribed(hub, 2, ...own)
  t.ok(client.work - before >= 1_000 * 202, `${client.work - before} units`)
  t.ok(pieces / 3 >= 40, `${pieces / 3} pieces`)
  pieces = 0
  await client.subscriber.unsubscribe(1)
  const again = client.work
  t.ok(client.work - again < 1_000 * 202, 'joined before')
  client.take()
  hub.message('TEL', { seq: 5_000, timeUs: 1, subject: tel('t7'), data: sample({ a: 1, b: 2 }) })
  for (let i = 0; i < 3; i++) hub.tick()
  t.same(client.take(), [[tel('t7'), 5_000, { a: 1 }]])
})

t.test('a connection may choose so many names, and equal choices count once', async t => {
  const hub = createTopics(1, { maxFields: 10 })
  const client = new Client(hub)
  client.subscribe(
    hub,
    1,
    { pattern: tel('*'), fields: names(0, 6) },
    { pattern: 'tel.>', fields: names(0, 6) }
  )
  client.subscribe(hub, 2, { pattern: evt('*'), fields: names(0, 4) })
  t.match(refused(client, hub, 3, { pattern: 'evt.>', fields: ['x'] }), {
    code: 'GTW_TOO_MANY_FIELDS',
    facts: { limit: 10 }
  })
  t.equal(refused(client, hub, 3, { pattern: 'evt.>', fields: names(0, 4) }), undefined)
  t.equal(
    refused(client, hub, 2, { pattern: evt('*'), fields: names(0, 6) }),
    undefined,
    'the new takes the place of the old'
  )
})
