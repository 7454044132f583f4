/**
 * A cluster that was asked to restore a stream and whose answer is lost: it makes the stream all the same, and leaves
 * it without its messages under its name. Nothing of it stays.
 */
import { createTestLog, startCluster, startLink, waitFor } from '@meridian/testing'
import t from 'tap'
import {
  append,
  type Broker,
  connectBroker,
  ensureStreams,
  restoreStream,
  snapshotStream,
  streamState,
  streamTable
} from '../src/index.ts'

t.setTimeout(180_000)

const cluster = await startCluster()
t.teardown(() => cluster.stop())
const link = await startLink(cluster.servers[0]?.port ?? 0)
t.teardown(() => link.stop())
const connect = (servers: string): Promise<Broker> =>
  connectBroker({ servers, name: 'test', log: createTestLog() })
const direct = await connect(cluster.url)
t.teardown(() => direct.drain())
const broker = await connect(`nats://127.0.0.1:${link.port}`)
t.teardown(() => broker.drain())

async function isListed(stream: string): Promise<boolean> {
  const answer = await direct.request('$JS.API.STREAM.NAMES', '', { timeoutMs: 5_000 })
  const { streams } = JSON.parse(answer.text()) as { readonly streams: readonly string[] | null }
  return streams?.includes(stream) ?? false
}

const isGone = async (stream: string): Promise<boolean> => !(await isListed(stream))

async function* noParts(): AsyncIterable<Uint8Array> {}

const specs = streamTable('summit', 'laptop').map(spec => ({ ...spec, replicas: 3 as const }))
await ensureStreams(direct, specs, createTestLog())
for (let n = 1; n <= 3; n++) await append(direct, { subject: 'evt.summit.MTMount.0.target', data: `${n}` })
const facts = await snapshotStream(direct, 'EVT', async () => {})

/** Asks through the link, whose answers are lost, until the cluster has taken it; then the link breaks and heals. */
async function restoreUnheard(whenTaken: () => Promise<boolean>): Promise<unknown> {
  link.cutAnswers()
  const restored = restoreStream(broker, facts, noParts()).catch((error: unknown) => error)
  await waitFor(whenTaken, { what: 'the cluster has taken it', timeoutMs: 60_000 })
  link.cut()
  link.mend()
  return restored
}

t.test('a restore whose answer is lost leaves no stream', async t => {
  await direct.request('$JS.API.STREAM.DELETE.EVT', '', { timeoutMs: 10_000 })
  await waitFor(() => isGone('EVT'), { what: 'EVT is free', timeoutMs: 60_000 })
  t.match(await restoreUnheard(() => isListed('EVT')), { code: 'BRK_UNAVAILABLE' })
  t.notOk(await isListed('EVT'))
})

t.test('a stream that somebody else has under that name stays', async t => {
  await waitFor(() => broker.state() === 'connected', { what: 'the link', timeoutMs: 60_000 })
  await ensureStreams(direct, specs, createTestLog())
  const before = await streamState(direct, 'EVT')
  t.match(await restoreUnheard(async () => true), { code: 'BRK_UNAVAILABLE' })
  t.equal((await streamState(direct, 'EVT')).epoch, before.epoch)
})
