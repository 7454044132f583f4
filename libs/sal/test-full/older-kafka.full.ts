// The version that the summit runs, with its log-in: what our own code asks of Kafka, it answers too.
import { startKafka, waitFor } from '@meridian/testing'
import { Admin } from '@platformatic/kafka'
import t from 'tap'
import { createLogReader, tryUntilDone } from '../src/index.ts'
import { createLogWriter } from '../src/writing.ts'

t.setTimeout(300_000)

t.test('Kafka 3.9.1: records are written, read, and found by their time', async t => {
  const kafka = await startKafka({ version: '3.9.1', sasl: true })
  t.teardown(() => kafka.stop())
  const sasl = { mechanism: 'SCRAM-SHA-512', user: kafka.user, password: kafka.password } as const
  const access = { brokers: kafka.broker, clientId: 'meridian', sasl }
  const admin = new Admin({
    ...{ clientId: 'test', bootstrapBrokers: [kafka.broker], retries: 20, retryDelay: 500 },
    sasl: { mechanism: 'SCRAM-SHA-512', username: kafka.user, password: kafka.password }
  })
  t.teardown(() => admin.close())
  await admin.createTopics({ topics: ['said'], partitions: 2, replicas: 1 })
  const writer = createLogWriter(access)
  t.teardown(() => writer.close())
  const write = (text: string): Promise<void> =>
    writer.write({ topic: 'said', key: 'k', value: Buffer.from(text) })
  await write('before')
  const texts: string[] = []
  const failed: string[] = []
  const reader = createLogReader({
    access,
    wants: topic => topic === 'said',
    begin: async found => found.map(({ earliest }) => earliest),
    take: taken => {
      for (const { records } of taken)
        for (const { value } of records) texts.push(Buffer.from(value ?? []).toString())
    },
    lost: ({ topic }) => void failed.push(`${topic} lost`),
    failed: ({ message }) => void failed.push(message)
  })
  await tryUntilDone(() => reader.start(), {
    stopping: new AbortController().signal,
    failed: () => undefined
  })
  t.teardown(() => reader.stop())
  await write('after')
  await waitFor(() => texts.length >= 2, { what: 'both', timeoutMs: 60_000 })
  t.same(texts, ['before', 'after'])
  const since = await reader.offsetsSince(['said'], 0)
  const offsets = [0, 1].map(partition => since({ topic: 'said', partition }))
  t.same(
    offsets.filter(offset => offset !== undefined),
    [0n],
    'the partition that the key chose begins with its first record'
  )
  t.same(failed, [])
})
