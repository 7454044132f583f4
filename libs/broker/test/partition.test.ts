import { createTestLog, startNats, waitFor } from '@meridian/testing'
import t, { type Test } from 'tap'
import {
  append,
  type Broker,
  connectBroker,
  consumePartition,
  ensureStreams,
  type PartitionMessage,
  streamTable
} from '../src/index.ts'

const log = createTestLog()
const partition = { stream: 'COMMANDS', durable: 'summit-3', filter: 'intake.summit.3.>', log }
const text = (message: PartitionMessage): string => Buffer.from(message.data).toString()

async function setUp(t: Test) {
  const nats = await startNats()
  t.teardown(() => nats.stop())
  const connect = async (): Promise<Broker> => {
    const broker = await connectBroker({ servers: nats.url, name: 'test', log })
    t.teardown(() => broker.drain())
    return broker
  }
  const broker = await connect()
  await ensureStreams(broker, streamTable('summit', 'laptop'), log)
  const put = (n: number) => append(broker, { subject: `intake.summit.3.MTMount.0.id${n}`, data: String(n) })
  return { nats, broker, connect, put }
}

t.test('two processes share a partition: every message once, one at a time, in order', async t => {
  const { connect, put } = await setUp(t)
  const seen: { n: string; by: number }[] = []
  let inHand = 0
  const partitions = await Promise.all(
    [0, 1].map(async by =>
      consumePartition(await connect(), {
        ...partition,
        async onMessage(message) {
          inHand++
          t.equal(inHand, 1, 'never two at once')
          seen.push({ n: text(message), by })
          await new Promise(resolve => setImmediate(resolve))
          inHand--
          await message.ack()
        }
      })
    )
  )
  for (let n = 0; n < 40; n++) await put(n)
  await waitFor(() => seen.length === 40, { what: 'all are handled' })
  for (const one of partitions) await one.stop()
  t.same(
    seen.map(one => one.n),
    Array.from({ length: 40 }, (_, n) => String(n))
  )
  t.equal(new Set(seen.map(one => one.by)).size, 2, 'both took part')
})

t.test('what a process leaves un-acked when it dies goes to the other, before anything later', async t => {
  const { connect, put } = await setUp(t)
  const dying = await connect()
  let held: PartitionMessage | undefined
  consumePartition(dying, {
    ...partition,
    ackWaitMs: 700,
    onMessage: message => new Promise(() => (held = message))
  })
  await put(1)
  await put(2)
  await waitFor(() => held !== undefined, { what: 'the first process has one' })
  const seen: [string, number][] = []
  const other = consumePartition(await connect(), {
    ...partition,
    ackWaitMs: 700,
    async onMessage(message) {
      seen.push([text(message), message.deliveries])
      await message.ack()
    }
  })
  t.teardown(() => other.stop())
  await dying.drain()
  await waitFor(() => seen.length === 2, { what: 'the other has both' })
  t.same(seen, [
    ['1', 2],
    ['2', 1]
  ])
})

t.test('a message that asks for time is not given to another', async t => {
  const { broker, connect, put } = await setUp(t)
  const ackWaitMs = 1_000
  const deliveries: string[] = []
  // Another consumer of the same messages, which asks for no time, tells when it has passed.
  let passed = 0
  const idle = { ...partition, durable: 'summit-3-idle', ackWaitMs }
  const other = consumePartition(await connect(), {
    ...idle,
    async onMessage(message) {
      passed = message.deliveries - 1
    }
  })
  t.teardown(() => other.stop())
  const one = consumePartition(broker, {
    ...partition,
    ackWaitMs,
    async onMessage(message) {
      deliveries.push(`${text(message)}.${message.deliveries}`)
      const asking = setInterval(() => message.working(), 50)
      await waitFor(() => passed > 1, { what: 'the time to pass for who does not ask' })
      clearInterval(asking)
      await message.ack()
    }
  })
  await put(1)
  await put(2)
  await waitFor(() => deliveries.length >= 2, { what: 'the next came' })
  await one.stop()
  t.same(deliveries, ['1.1', '2.1'])
})

t.test('a failed message comes again after its delay, and the partition waits for it', async t => {
  const { broker, put } = await setUp(t)
  const seen: string[] = []
  const one = consumePartition(broker, {
    ...partition,
    async onMessage(message) {
      seen.push(`${text(message)}.${message.deliveries}`)
      if (text(message) === '1' && message.deliveries === 1) message.nak(50)
      else if (text(message) === '2' && message.deliveries <= 2) throw new Error('bad')
      else await message.ack()
    }
  })
  t.teardown(() => one.stop())
  for (const n of [1, 2, 3]) await put(n)
  await waitFor(() => seen.length === 6, { what: 'all came' })
  t.same(seen, ['1.1', '1.2', '2.1', '2.2', '2.3', '3.1'])
  const lines = log.records.filter(({ msg }) => msg === 'partition message failed')
  t.equal(lines.length, 1, 'a message that fails again and again is told once a minute')
})

t.test('a partition goes on over a restart of the broker, and after its consumer was deleted', async t => {
  const { nats, broker, put } = await setUp(t)
  const seen: string[] = []
  const one = consumePartition(broker, {
    ...partition,
    async onMessage(message) {
      await message.ack()
      seen.push(text(message))
    }
  })
  t.teardown(() => one.stop())
  await one.whenReady()
  await put(1)
  await waitFor(() => seen.length === 1, { what: 'the first' })
  await nats.restart()
  await put(2)
  await waitFor(() => seen.includes('2'), { what: 'the second' })
  await broker.request(`$JS.API.CONSUMER.DELETE.COMMANDS.${partition.durable}`, '', { timeoutMs: 2000 })
  await put(3)
  await waitFor(() => seen.includes('3'), { what: 'the third' })
})

t.test('an ack whose consumer is deleted meanwhile ends at once, and the message comes again', async t => {
  const { broker, put } = await setUp(t)
  const seen: string[] = []
  const refused: unknown[] = []
  const one = consumePartition(broker, {
    ...partition,
    // Longer than any wait of a test: only the deletion can end the ack.
    ackWaitMs: 600_000,
    async onMessage(message) {
      seen.push(`${text(message)}.${message.deliveries}`)
      if (seen.length === 1)
        await broker.request(`$JS.API.CONSUMER.DELETE.COMMANDS.${partition.durable}`, '', {
          timeoutMs: 5_000
        })
      await message.ack().catch((error: unknown) => refused.push(error))
    }
  })
  t.teardown(() => one.stop())
  await put(1)
  await put(2)
  await waitFor(() => seen.includes('2.1'), { what: 'the second message' })
  // The new consumer may be there before the ack is sent: then it takes the ack, soon enough or not.
  t.ok(['1.1,2.1', '1.1,1.1,2.1'].includes(seen.join()), `delivered anew by a consumer made anew: ${seen}`)
  for (const error of refused)
    t.match(error, { code: 'BRK_REFUSED', facts: { reason: 'consumer was deleted' } })
  if (refused.length > 0) t.equal(seen.length, 3, 'what was not acknowledged comes again')
})

t.test('stop waits for the message in hand and leaves nothing stuck for the next process', async t => {
  const { broker, connect, put } = await setUp(t)
  const done: string[] = []
  let finish: (() => void) | undefined
  const take = async (message: PartitionMessage) => {
    await message.ack()
    done.push(text(message))
  }
  const first = consumePartition(broker, {
    ...partition,
    async onMessage(message) {
      await new Promise<void>(resolve => {
        finish = resolve
      })
      await take(message)
    }
  })
  await put(1)
  await put(2)
  await waitFor(() => finish !== undefined, { what: 'the first is in hand' })
  let isStopped = false
  const stopping = first.stop().then(() => {
    isStopped = true
  })
  await broker.flush()
  t.notOk(isStopped, 'stop waits')
  finish?.()
  await stopping
  t.same(done, ['1'])
  const second = consumePartition(await connect(), { ...partition, onMessage: take })
  t.teardown(() => second.stop())
  await put(3)
  await waitFor(() => done.includes('3'), { what: 'the last', timeoutMs: 5_000 })
  t.same(done, ['1', '2', '3'])
})
