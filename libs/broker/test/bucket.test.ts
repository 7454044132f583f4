import { createTestLog, waitFor } from '@meridian/testing'
import t, { type Test } from 'tap'
import {
  type Broker,
  bucketTable,
  ensureBuckets,
  openBucket,
  streamState,
  watchBucket
} from '../src/index.ts'
import { put, setUp } from './follower-world.ts'

interface Key {
  readonly n: number
}

const table = bucketTable('laptop')

async function withBuckets(t: Test): Promise<Broker> {
  const { broker } = await setUp(t)
  await ensureBuckets(broker, table)
  return broker
}

async function watched(t: Test, broker: Broker) {
  const values = new Map<string, Key>()
  let resets = 0
  const watch = watchBucket<Key>(broker, {
    name: 'check',
    bucket: 'auth_keys',
    onValue: (key, value) => void (value === undefined ? values.delete(key) : values.set(key, value)),
    onReset() {
      resets++
      values.clear()
    },
    log: createTestLog()
  })
  t.teardown(() => watch.stop())
  await watch.start()
  await watch.whenReady()
  return { values, resets: () => resets }
}

t.test('a value is written once, and changed by whoever has read it last', async t => {
  const bucket = openBucket<Key>(await withBuckets(t), 'auth_keys')
  t.equal(await bucket.get('a'), undefined)
  const revision = await bucket.create('a', { n: 1 })
  await t.rejects(bucket.create('a', { n: 2 }), { code: 'BRK_WRONG_SEQUENCE' })
  t.strictSame(await bucket.get('a'), { value: { n: 1 }, revision })
  const next = await bucket.update('a', { n: 2 }, revision)
  await t.rejects(bucket.update('a', { n: 3 }, revision), { code: 'BRK_WRONG_SEQUENCE' })
  await t.rejects(bucket.delete('a', revision), { code: 'BRK_WRONG_SEQUENCE' })
  await bucket.delete('a', next)
  t.equal(await bucket.get('a'), undefined)
  await bucket.create('a', { n: 4 })
  await bucket.put('a', { n: 5 })
  t.match(await bucket.get('a'), { value: { n: 5 } }, 'a removed key may be written anew')
})

t.test('a watch gets what is held, what changes and what is removed', async t => {
  const broker = await withBuckets(t)
  const bucket = openBucket<Key>(broker, 'auth_keys')
  await bucket.put('a', { n: 1 })
  await bucket.put('b', { n: 1 })
  await bucket.delete('b')
  const { values } = await watched(t, broker)
  t.strictSame([...values], [['a', { n: 1 }]])
  await bucket.put('c.d', { n: 2 })
  await bucket.delete('a')
  await waitFor(() => !values.has('a'), { what: 'the removal' })
  t.strictSame([...values], [['c.d', { n: 2 }]])
})

t.test('what another stream delivers into a bucket is no value of it', async t => {
  const broker = await withBuckets(t)
  await put(broker, 'evt.summit.Abc.0.evilkid', JSON.stringify({ n: 666 }))
  const ask = (subject: string, body: object) =>
    broker.request(`$JS.API.CONSUMER.CREATE.EVT.${subject}`, JSON.stringify(body), { timeoutMs: 2_000 })
  const config = { name: 'thief', ack_policy: 'none', deliver_policy: 'all' }
  await ask('thief', { stream_name: 'EVT', config })
  broker.publish('$JS.API.CONSUMER.MSG.NEXT.EVT.thief', JSON.stringify({ batch: 1 }), {
    reply: '$KV.auth_keys.x'
  })
  await waitFor(async () => (await streamState(broker, 'KV_auth_keys')).messages === 1, {
    what: 'the delivery'
  })
  const { values } = await watched(t, broker)
  await openBucket<Key>(broker, 'auth_keys').put('good', { n: 1 })
  await waitFor(() => values.has('good'), { what: 'what was written behind it' })
  t.strictSame([...values.keys()], ['good'])
})

t.test('a bucket that is lost and made again is watched again', async t => {
  const broker = await withBuckets(t)
  const bucket = openBucket<Key>(broker, 'auth_keys')
  await bucket.put('old', { n: 1 })
  const { values, resets } = await watched(t, broker)
  await broker.request('$JS.API.STREAM.DELETE.KV_auth_keys', '', { timeoutMs: 2000 })
  await t.rejects(bucket.get('old'), { code: 'BRK_NO_STREAM' })
  await t.rejects(bucket.put('old', { n: 2 }), { code: 'BRK_NO_RESPONDERS' })
  await ensureBuckets(broker, table)
  await bucket.put('new', { n: 3 })
  await waitFor(() => values.has('new') && !values.has('old'), { what: 'the values of the new bucket' })
  t.equal(resets(), 1)
})

t.test('without the broker a bucket answers at once that it is away', async t => {
  const { nats, broker } = await setUp(t)
  await ensureBuckets(broker, table)
  const bucket = openBucket<Key>(broker, 'auth_keys')
  await bucket.put('a', { n: 1 })
  await nats.stop()
  await waitFor(() => broker.state() === 'disconnected', { what: 'the connection is lost' })
  await t.rejects(bucket.get('a'), { code: 'BRK_UNAVAILABLE' })
})

t.test('buckets that exist are kept as they are', async t => {
  const broker = await withBuckets(t)
  const bucket = openBucket<Key>(broker, 'auth_users')
  await bucket.put('ada', { n: 1 })
  await ensureBuckets(broker, table)
  t.match(await bucket.get('ada'), { value: { n: 1 } })
})
