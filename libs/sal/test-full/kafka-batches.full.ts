import { startKafka, waitFor, whyNoKafka } from '@meridian/testing'
import { Admin, Consumer } from '@platformatic/kafka'
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

t.test(
  'a topic that is deleted costs its own records alone, until it is there again',
  { skip: whyNoKafka() ?? false },
  async t => {
    const kafka = await startKafka()
    t.teardown(() => kafka.stop())
    const access = { brokers: kafka.broker, clientId: 'test' }
    await makeTopics(access, ['kept', 'gone'])
    const admin = new Admin({ clientId: 'admin', bootstrapBrokers: [kafka.broker] })
    t.teardown(() => admin.close())
    const failed: string[] = []
    const writer = createBatchWriter(access, ({ message }) => failed.push(message))
    t.teardown(() => writer.close())
    const ends = async (topic: string): Promise<number> => {
      const reader = new Consumer({ clientId: 'ends', groupId: 'ends', bootstrapBrokers: [kafka.broker] })
      const offsets = await reader.listOffsets({ topics: [topic] }).finally(() => reader.close(true))
      return Number(offsets.get(topic)?.[0])
    }
    let said = 0
    const speaking = setInterval(() => {
      said++
      for (const topic of ['kept', 'gone']) writer.write({ topic, key: '', value: Buffer.from(`${said}`) })
    }, 20)
    t.teardown(() => clearInterval(speaking))
    await waitFor(async () => (await ends('kept')) > 0, { what: 'both are written' })
    await admin.deleteTopics({ topics: ['gone'] })
    await waitFor(() => writer.dropped() > 100, { what: 'its records are left out', timeoutMs: 30_000 })
    t.match(failed.at(-1), /SAL_KAFKA/, 'and it is told')
    const now = said
    await waitFor(async () => (await ends('kept')) > now, { what: 'the other one goes on' })
    await makeTopics(access, ['gone'])
    await waitFor(async () => (await ends('gone')) > 0, { what: 'it is written again', timeoutMs: 20_000 })
    clearInterval(speaking)
    await waitFor(async () => (await ends('kept')) >= said, { what: 'of the other one all is there' })
  }
)
