import { createTestLog, startLink, waitFor } from '@meridian/testing'
import t from 'tap'
import { type Broker, connectBroker, createFollower } from '../src/index.ts'
import { follow, LAST, put, setUp, tel, text } from './follower-world.ts'

t.test('a follower is at the end of its stream also where the last messages were deleted', async t => {
  const { broker } = await setUp(t)
  for (const n of [1, 2, 3, 4]) await put(broker, tel(n), String(n))
  await remove(broker, 3, 4)
  for (const start of [LAST, { kind: 'since', ms: 60_000 } as const]) {
    const { follower, received } = follow(t, broker, start)
    await follower.start()
    await follower.whenReady()
    t.same(received.map(text), ['1', '2'])
    t.match(follower.head(), { seq: 4, timeUs: 0 })
  }
})

t.test('what was deleted at the end while a follower had no consumer is told as a hole at once', async t => {
  const { nats, broker } = await setUp(t)
  const link = await startLink(nats.port)
  t.teardown(() => link.stop())
  const far = await connectBroker({ servers: `127.0.0.1:${link.port}`, name: 'far', log: createTestLog() })
  t.teardown(() => far.drain())
  const holes: unknown[] = []
  const options = { name: 'check', stream: 'TEL', start: LAST, log: createTestLog() }
  const follower = createFollower(far, {
    ...options,
    onMessage() {},
    onReset() {},
    onHole: hole => holes.push(hole)
  })
  t.teardown(() => follower.stop())
  await put(broker, tel(1), '1')
  await follower.start()
  await follower.whenReady()
  link.cut()
  for (const n of [2, 3, 4]) await put(broker, tel(n), String(n))
  await remove(broker, 3, 4)
  link.mend()
  await waitFor(() => holes.length > 0, { what: 'the hole is told' })
  t.same(holes, [{ from: 3, to: 4 }])
  t.equal(follower.head().seq, 4)
})

/** Deletes messages of TEL by hand. */
async function remove(broker: Broker, ...sequences: readonly number[]): Promise<void> {
  for (const seq of sequences)
    await broker.request('$JS.API.STREAM.MSG.DELETE.TEL', JSON.stringify({ seq }), { timeoutMs: 5_000 })
}

t.test(
  'with onHole whatever the log dropped unread is told as a hole, and reading goes on behind it',
  async t => {
    const { nats, broker } = await setUp(t)
    const link = await startLink(nats.port)
    t.teardown(() => link.stop())
    const far = await connectBroker({ servers: `127.0.0.1:${link.port}`, name: 'far', log: createTestLog() })
    t.teardown(() => far.drain())
    const told: string[] = []
    const follower = createFollower(far, {
      name: 'check',
      stream: 'TEL',
      start: LAST,
      onMessage: ({ seq }) => void told.push(String(seq)),
      onHole: ({ from, to }) => void told.push(`${from}-${to} lost`),
      onReset: reason => t.fail(`reset: ${reason}`),
      log: createTestLog()
    })
    t.teardown(() => follower.stop())
    for (let n = 1; n <= 3; n++) await put(broker, tel('a'), String(n))
    await follower.start()
    await follower.whenReady()
    const away = async (run: () => Promise<void>, until: string): Promise<void> => {
      link.cut()
      await run()
      link.mend()
      await waitFor(() => told.at(-1) === until, { what: until })
    }
    const purge = (body: object): Promise<unknown> =>
      broker.request('$JS.API.STREAM.PURGE.TEL', JSON.stringify(body), { timeoutMs: 2000 })
    await away(async () => {
      for (let n = 4; n <= 9; n++) await put(broker, tel(n % 2), String(n))
      await broker.request('$JS.API.STREAM.MSG.DELETE.TEL', '{"seq":8}', { timeoutMs: 2000 })
      await purge({ seq: 6 })
    }, '9')
    await away(async () => {
      await put(broker, tel('b'), '10')
      await purge({})
    }, '10-10 lost')
    await put(broker, tel('b'), '11')
    await waitFor(() => told.at(-1) === '11', { what: 'the next message' })
    t.same(told, ['3', '4-5 lost', '6', '7', '8-8 lost', '9', '10-10 lost', '11'])
    t.equal(follower.stats().skipped, 4)
  }
)
