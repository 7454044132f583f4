import { createTestLog, startLink, waitFor } from '@meridian/testing'
import t from 'tap'
import { connectBroker, ensureStreams, type StreamMessage, streamTable } from '../src/index.ts'
import { follow, put, setUp, tel, text } from './follower-world.ts'

t.test('a stream that is deleted and made again is told as a reset, and followed', async t => {
  const { broker } = await setUp(t)
  for (let n = 0; n < 10; n++) await put(broker, tel('a'), `old ${n}`)
  const { follower, received, resets } = follow(t, broker)
  await follower.start()
  await follower.whenReady()
  const { epoch } = follower.head()
  await broker.request('$JS.API.STREAM.DELETE.TEL', '', { timeoutMs: 2000 })
  await ensureStreams(broker, streamTable('summit', 'laptop'), createTestLog())
  await put(broker, tel('b'), 'new')
  await waitFor(() => received.length === 1 && text(received[0] as StreamMessage) === 'new', {
    what: 'new value'
  })
  t.same(resets, ['epoch differs'])
  t.not(follower.head().epoch, epoch)
  t.equal(follower.head().seq, 1)
})

t.test('an epoch changed by hand, as after a restore, is a reset at the next chance', async t => {
  const { nats, broker } = await setUp(t)
  await put(broker, tel('a'), '1')
  const { follower, received, resets } = follow(t, broker)
  await follower.start()
  await follower.whenReady()
  const info = JSON.parse((await broker.request('$JS.API.STREAM.INFO.TEL', '', { timeoutMs: 2000 })).text())
  const config = { ...info.config, metadata: { ...info.config.metadata, epoch: 'restored' } }
  await broker.request('$JS.API.STREAM.UPDATE.TEL', JSON.stringify(config), { timeoutMs: 2000 })
  await nats.restart()
  await waitFor(() => follower.head().epoch === 'restored', { what: 'the new epoch' })
  t.same(resets, ['epoch differs'])
  await follower.whenReady()
  t.same(received.map(text), ['1'])
})

t.test('a log that went back in time is a reset, even if it kept its epoch', async t => {
  const { broker } = await setUp(t)
  for (let n = 0; n < 5; n++) await put(broker, tel('a'), String(n))
  const { follower, resets, received } = follow(t, broker)
  await follower.start()
  await follower.whenReady()
  const { epoch } = follower.head()
  await broker.request('$JS.API.STREAM.DELETE.TEL', '', { timeoutMs: 2000 })
  const spec = streamTable('summit', 'laptop')[0]
  const config = { name: 'TEL', subjects: spec?.subjects, metadata: { epoch } }
  await broker.request('$JS.API.STREAM.CREATE.TEL', JSON.stringify(config), { timeoutMs: 2000 })
  await put(broker, tel('a'), 'again')
  await waitFor(() => resets.length > 0 && follower.ready(), { what: 'a reset' })
  t.same(resets, ['log was rolled back'])
  await waitFor(() => received.length === 1, { what: 'the value' })
})

t.test('messages that retention took before they were read are a reset, never a silent gap', async t => {
  const { nats, broker } = await setUp(t)
  const link = await startLink(nats.port)
  t.teardown(() => link.stop())
  const far = await connectBroker({ servers: `127.0.0.1:${link.port}`, name: 'far', log: createTestLog() })
  t.teardown(() => far.drain())
  const { follower, resets, received } = follow(t, far)
  await put(broker, tel('a'), 'first')
  await follower.start()
  await follower.whenReady()
  link.cut()
  for (let n = 0; n < 50; n++) await put(broker, tel('a'), String(n))
  await broker.request('$JS.API.STREAM.PURGE.TEL', JSON.stringify({ keep: 1 }), { timeoutMs: 2000 })
  t.same(resets, [])
  link.mend()
  await waitFor(() => resets.length > 0 && follower.ready(), { what: 'the reset' })
  t.same(resets, ['retention passed the cursor'])
  t.same(received.map(text), ['49'])
})
