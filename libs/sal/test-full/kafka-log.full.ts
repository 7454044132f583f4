import { randomBytes } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import zlib from 'node:zlib'
import { startKafka, waitFor, whyNoKafka } from '@meridian/testing'
import { Admin, alterPartitionReassignmentsV0, Connection, Producer } from '@platformatic/kafka'
import t, { type Test } from 'tap'
import { createLogReader, type LogReaderOptions, tryUntilDone } from '../src/index.ts'

t.setTimeout(300_000)
const skip = whyNoKafka() ?? false
const kafka = skip === false ? await startKafka() : undefined
t.teardown(() => kafka?.stop())
/** A second broker, from the first test on that wants one. */
let second: Awaited<ReturnType<NonNullable<typeof kafka>['join']>> | undefined
const broker = kafka?.broker ?? ''
const client = { clientId: 'test', bootstrapBrokers: [broker], retries: 20, retryDelay: 500 }
const access = { brokers: broker, clientId: 'meridian' }

/** Makes topics, and writes records to them. */
function createWriter(t: Test) {
  const admin = new Admin(client)
  const producer = new Producer(client)
  t.teardown(() => Promise.all([admin.close(), producer.close()]))
  return {
    make: (topic: string, partitions = 1) => admin.createTopics({ topics: [topic], partitions, replicas: 1 }),
    admin,
    async write(topic: string, texts: readonly string[], partition = 0) {
      const messages = texts.map(text => ({ topic, partition, value: Buffer.from(text) }))
      await producer.send({ messages, acks: -1 })
    }
  }
}

async function read(t: Test, topics: readonly string[], options: Partial<LogReaderOptions> = {}) {
  const records: string[] = []
  const lost: string[] = []
  const failed: string[] = []
  const reader = createLogReader({
    access,
    wants: topic => topics.includes(topic),
    begin: async found => found.map(({ earliest }) => earliest),
    take: taken => {
      for (const { topic, partition, records: some } of taken)
        for (const { offset, value } of some)
          records.push(`${topic}/${partition} ${offset} ${Buffer.from(value ?? [])}`)
    },
    lost: ({ topic }, from, to) => void lost.push(`${topic} ${from} ${to}`),
    failed: error => void failed.push(error.message),
    ...options
  })
  // As services begin: of a topic that has just been made a broker may not know the leader yet.
  await tryUntilDone(() => reader.start(), {
    stopping: new AbortController().signal,
    failed: () => undefined
  })
  t.teardown(() => reader.stop())
  return { records, lost, failed, reader }
}

const numbers = (from: number, to: number): string[] =>
  Array.from({ length: to - from }, (_, i) => `${from + i}`)

t.test('topics are read from where one says, and on, in the order of each partition', { skip }, async t => {
  const writer = createWriter(t)
  await writer.make('old')
  await writer.make('wide', 3)
  await writer.write('old', numbers(0, 10))
  const { records } = await read(t, ['old', 'wide'], {
    begin: async found => found.map(({ end }) => (end > 3n ? end - 3n : end))
  })
  for (const partition of [0, 1, 2]) await writer.write('wide', numbers(0, 5), partition)
  await writer.write('old', numbers(10, 12))
  await waitFor(() => records.length >= 20, { what: 'all of it' })
  t.same(
    records.filter(text => text.startsWith('old')),
    [7, 8, 9, 10, 11].map(n => `old/0 ${n} ${n}`)
  )
  for (const partition of [0, 1, 2])
    t.same(
      records.filter(text => text.startsWith(`wide/${partition}`)),
      numbers(0, 5).map(n => `wide/${partition} ${n} ${n}`)
    )
})

t.test(
  'what one of many partitions dropped before it was read is told, the rest is read',
  { skip },
  async t => {
    const writer = createWriter(t)
    await writer.make('dropped', 3)
    await writer.make('beside')
    for (const partition of [0, 1, 2]) await writer.write('dropped', numbers(0, 20), partition)
    await writer.write('beside', ['a'])
    await writer.admin.deleteRecords({
      topics: [{ name: 'dropped', partitions: [{ partition: 1, offset: 15n }] }]
    })
    const { records, lost } = await read(t, ['dropped', 'beside'], {
      begin: async found => found.map(() => 0n)
    })
    await waitFor(() => records.length >= 46, { what: 'the rest' })
    t.same(lost, ['dropped 0 15'])
    for (const [partition, from] of [0, 15, 0].entries())
      t.same(
        records.filter(text => text.startsWith(`dropped/${partition}`)),
        numbers(from, 20).map(n => `dropped/${partition} ${n} ${n}`)
      )
    t.ok(records.includes('beside/0 0 a'), 'the other topic of the same answer too')
  }
)

t.test('records that the broker compresses are read', { skip }, async t => {
  const writer = createWriter(t)
  // A Node before 22.15 has no zstd.
  const kinds = ['gzip', 'snappy', 'lz4', ...('zstdDecompressSync' in zlib ? ['zstd'] : [])]
  for (const topic of kinds)
    await writer.admin.createTopics({
      ...{ topics: [topic], partitions: 1, replicas: 1 },
      configs: [{ name: 'compression.type', value: topic }]
    })
  // More than one block of Snappy has room for.
  const texts = [...numbers(0, 9), randomBytes(70_000).toString('hex')]
  const { records } = await read(t, kinds)
  for (const topic of kinds)
    await waitFor(() => writer.write(topic, texts).then(() => true), { what: 'Kafka takes' })
  await waitFor(() => records.length >= kinds.length * texts.length, { what: 'all of them' })
  for (const topic of kinds)
    t.ok(
      texts.every((text, i) => records.includes(`${topic}/0 ${i} ${text}`)),
      topic
    )
})

t.test('a topic that is made later is found', { skip }, async t => {
  const writer = createWriter(t)
  const { records } = await read(t, ['later'])
  await writer.make('later')
  await writer.write('later', ['x'])
  await waitFor(() => records.length === 1, { what: 'the new topic', timeoutMs: 60_000 })
})

t.test('a topic that is deleted costs the others nothing, and is read anew', { skip }, async t => {
  const writer = createWriter(t)
  for (const topic of ['deleted', 'spared']) await writer.make(topic)
  const found: string[] = []
  const { records } = await read(t, ['deleted', 'spared', 'after'], {
    begin: async partitions => {
      found.push(...partitions.map(({ topic }) => topic))
      return partitions.map(({ earliest }) => earliest)
    }
  })
  await writer.write('deleted', ['a', 'b'])
  await waitFor(() => records.length === 2, { what: 'what was said before' })
  await writer.admin.deleteTopics({ topics: ['deleted'] })
  await sleep(2_000)
  await writer.write('spared', ['c'])
  await waitFor(() => records.includes('spared/0 0 c'), { what: 'the other topic' })
  await writer.make('after')
  await writer.write('after', ['d'])
  await waitFor(() => records.includes('after/0 0 d'), { what: 'a topic made later', timeoutMs: 30_000 })
  await writer.make('deleted')
  await writer.write('deleted', ['e'])
  await waitFor(() => records.includes('deleted/0 0 e'), { what: 'the topic made anew', timeoutMs: 30_000 })
  await writer.admin.deleteTopics({ topics: ['deleted'] })
  await waitFor(
    () =>
      writer.make('deleted').then(
        () => true,
        () => false
      ),
    { what: 'it is made at once' }
  )
  await writer.write('deleted', ['f'])
  await waitFor(() => records.includes('deleted/0 0 f'), { what: 'the one made at once', timeoutMs: 30_000 })
  t.same(found.filter(topic => topic === 'deleted').length, 3, 'each time it is asked where reading begins')
})

t.test('a broker that is killed and comes back costs nothing and repeats nothing', { skip }, async t => {
  const writer = createWriter(t)
  await writer.make('through')
  const { records, failed } = await read(t, ['through'])
  await writer.write('through', numbers(0, 50))
  await waitFor(() => records.length === 50, { what: 'the first fifty' })
  await kafka?.kill9()
  await waitFor(() => failed.length > 0, { what: 'the failure is told' })
  t.match(failed[0], /SAL_KAFKA/)
  await kafka?.restart()
  await waitFor(() => writer.write('through', numbers(50, 100)).then(() => true), {
    what: 'Kafka takes',
    timeoutMs: 60_000
  })
  await waitFor(() => records.length >= 100, { what: 'the other fifty', timeoutMs: 60_000 })
  t.same(
    records,
    numbers(0, 100).map(n => `through/0 ${n} ${n}`)
  )
})

/** Gives a partition of a topic other brokers, the first of which leads it: none of them dies. */
async function move(topic: string, replicas: number[]): Promise<void> {
  const connection = new Connection('mover')
  const [host = '', port] = access.brokers.split(':')
  await connection.connect(host, Number(port))
  const topics = [{ name: topic, partitions: [{ partitionIndex: 0, replicas }] }]
  const { responses } = await alterPartitionReassignmentsV0.api.async(connection, 10_000, true, topics)
  t.equal(responses[0]?.partitions[0]?.errorCode, 0, `${topic} goes to ${replicas}`)
  await connection.close()
}

t.test('a leader that is moved from one living broker to another costs nothing', { skip }, async t => {
  second ??= await kafka?.join()
  const writer = createWriter(t)
  await writer.admin.createTopics({ topics: ['moved'], assignments: [{ partition: 0, brokers: [1] }] })
  const { records, lost } = await read(t, ['moved'])
  const leader = async () =>
    (await writer.admin.metadata({ topics: ['moved'], forceUpdate: true })).topics.get('moved')?.partitions[0]
      ?.leader
  for (const [turn, to] of [2, 1].entries()) {
    for (const value of numbers(turn * 20, turn * 20 + 20))
      await waitFor(() => writer.write('moved', [value]).then(() => true), {
        what: 'Kafka takes',
        timeoutMs: 60_000
      })
    await move('moved', [to])
    await waitFor(async () => (await leader()) === to, { what: `${to} leads`, timeoutMs: 60_000 })
  }
  await writer.write('moved', ['last'])
  await waitFor(() => records.at(-1)?.endsWith(' last'), { what: 'all of it', timeoutMs: 60_000 })
  t.same(lost, [])
  const all = records.map(text => text.split(' '))
  t.same(
    all.map(([, offset]) => offset),
    numbers(0, all.length),
    'every record once, in order'
  )
  t.same([...new Set(all.map(([, , value]) => value))], [...numbers(0, 40), 'last'])
})

t.test('a leader that dies is followed to the one that takes its place', { skip }, async t => {
  second ??= await kafka?.join()
  const writer = createWriter(t)
  const assignments = [1, 2, 2].map((leader, partition) => ({ partition, brokers: [leader, 3 - leader] }))
  await writer.admin.createTopics({ topics: ['led'], assignments })
  const said = async (from: number, to: number): Promise<void> => {
    for (const partition of [0, 1, 2])
      await waitFor(() => writer.write('led', numbers(from, to), partition).then(() => true), {
        what: 'Kafka takes',
        timeoutMs: 60_000
      })
  }
  // Its leaders are known everywhere once it has taken something.
  await said(0, 20)
  const { records, failed } = await read(t, ['led'])
  await waitFor(() => records.length >= 60, { what: 'what both said' })
  await second?.kill9()
  await said(20, 40)
  await waitFor(() => [0, 1, 2].every(partition => records.some(text => isOf(text, partition, 39))), {
    what: 'what the one that is left said',
    timeoutMs: 60_000
  })
  t.ok(failed.length > 0, 'the death of one is told')
  for (const partition of [0, 1, 2]) {
    const all = records.filter(text => text.startsWith(`led/${partition} `)).map(text => text.split(' '))
    t.same(
      all.map(([, offset]) => offset),
      numbers(0, all.length),
      'every record once, in order'
    )
    // What was not answered for the death of its leader is written again.
    t.same([...new Set(all.map(([, , value]) => value))], numbers(0, 40))
  }
})

const isOf = (text: string, partition: number, value: number): boolean =>
  text.startsWith(`led/${partition} `) && text.endsWith(` ${value}`)

t.test('nobody there', { skip }, async t => {
  const reader = createLogReader({
    access: { ...access, brokers: '127.0.0.1:9' },
    wants: () => true,
    begin: async () => [],
    take: () => undefined,
    lost: () => undefined,
    failed: () => undefined
  })
  await t.rejects(reader.start(), { code: 'SAL_KAFKA' })
  await reader.stop()
})
