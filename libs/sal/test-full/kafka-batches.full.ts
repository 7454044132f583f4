import { startKafka, waitFor, whyNoKafka } from '@meridian/testing'
import t from 'tap'
import { createBatchWriter, makeTopics } from '../src/component.ts'
import { createLogReader } from '../src/index.ts'

t.setTimeout(120_000)

const MIB = 1024 * 1024

t.test(
  'a record that is too large for Kafka costs itself alone',
  { skip: whyNoKafka() ?? false },
  async t => {
    const kafka = await startKafka()
    t.teardown(() => kafka.stop())
    const access = { brokers: kafka.broker, clientId: 'test' }
    await makeTopics(access, ['small', 'large'])
    const failed: string[] = []
    const writer = createBatchWriter(access, ({ message }) => failed.push(message))
    t.teardown(() => writer.close())
    const write = (topic: string, text: string) => writer.write({ topic, key: '', value: Buffer.from(text) })
    for (let i = 0; i < 100; i++) {
      write('small', `${i}`)
      if (i === 40) write('large', 'x'.repeat(11 * MIB))
    }
    const read: string[] = []
    const reader = createLogReader({
      access,
      wants: topic => topic === 'small' || topic === 'large',
      begin: async found => found.map(({ earliest }) => earliest),
      take: taken => {
        for (const { records } of taken)
          for (const { value } of records) read.push(Buffer.from(value ?? []).toString())
      },
      lost: () => t.fail('nothing is dropped by Kafka'),
      failed: () => undefined
    })
    await reader.start()
    t.teardown(() => reader.stop())
    await waitFor(() => writer.dropped() === 1, { what: 'it is left out', timeoutMs: 10_000 })
    write('small', '100')
    await waitFor(() => read.includes('100'), { what: 'what was written behind it', timeoutMs: 5_000 })
    t.equal(writer.dropped(), 1)
    t.match(failed[0], /SAL_KAFKA: .* larger than the max/)
    // Kafka takes what it can of a batch that it refuses: that comes twice, as after any try.
    t.same(
      [...new Set(read)],
      Array.from({ length: 101 }, (_, i) => `${i}`)
    )
  }
)
