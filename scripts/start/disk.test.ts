import { mkdirSync, writeFileSync } from 'node:fs'
import { bucketTable, connectBroker, ensureStreams, streamTable } from '@meridian/broker'
import { shippedSites } from '@meridian/catalogue'
import { createTestLog, startNats } from '@meridian/testing'
import t from 'tap'
import { diskOf, streamsOn } from './disk.ts'
// biome-ignore lint/correctness/useImportExtensions: it is plain JavaScript, with its types beside it
import { SITES } from './options.cjs'
import { say } from './say.ts'

const GIB = 2 ** 30
const HOUR_MS = 3_600_000
const telemetryOn = (disk: number) => streamsOn(disk, 'summit').find(({ stream }) => stream === 'TEL')

t.test('more disk goes to telemetry, and what is kept by age grows with it', async t => {
  t.same(streamsOn(2 * GIB, 'summit'), streamTable('summit', 'laptop'), '2 GiB are the table')
  t.match(telemetryOn(6 * GIB), { maxBytes: 5 * GIB, maxAgeMs: 5 * HOUR_MS })
  t.match(telemetryOn(2.5 * GIB), { maxBytes: 1.5 * GIB, maxAgeMs: 1.5 * HOUR_MS })
  const others = (disk: number) => streamsOn(disk, 'summit').filter(({ stream }) => stream !== 'TEL')
  t.same(others(6 * GIB), others(2 * GIB))
})

t.test('the streams and the buckets fit into the room that a start has without --disk', async t => {
  const specs = [...streamTable('summit', 'laptop'), ...bucketTable('laptop')]
  const bytes = specs.reduce((sum, { maxBytes }) => sum + maxBytes, 0)
  t.ok(bytes <= 2 * GIB, `${bytes / 2 ** 20} MiB`)
})

t.test('a folder keeps the room that it was given once', async t => {
  const folder = t.testdir()
  t.equal(diskOf(folder, undefined), 2 * GIB)
  writeFileSync(`${folder}/nats.conf`, `jetstream {\n  max_file_store: ${6 * GIB}\n}\n`)
  t.equal(diskOf(folder, undefined), 6 * GIB)
  t.equal(diskOf(folder, 3 * GIB), 3 * GIB, 'until something else is asked for')
  mkdirSync(`${folder}/other`)
  writeFileSync(`${folder}/other/nats.conf`, 'garbage')
  t.equal(diskOf(`${folder}/other`, undefined), 2 * GIB)
})

t.test('streams grow in place, and shrink only where that is asked for', async t => {
  const nats = await startNats()
  t.teardown(() => nats.stop())
  const log = createTestLog()
  const broker = await connectBroker({ servers: nats.url, name: 'test', log })
  t.teardown(() => broker.drain())
  const outcomeOf = async (disk: number, mayShrink = false): Promise<string | undefined> => {
    const outcomes = await ensureStreams(broker, streamsOn(disk, 'summit'), log, { mayShrink })
    return outcomes.find(({ name }) => name === 'TEL')?.outcome
  }
  t.equal(await outcomeOf(2 * GIB), 'created')
  t.equal(await outcomeOf(6 * GIB), 'updated')
  broker.publish('tel.summit.Shed.0.climate', 'a sample')
  await broker.request('tel.summit.Shed.0.climate', 'a sample', { timeoutMs: 10_000 })
  await t.rejects(outcomeOf(2 * GIB), { code: 'BRK_STREAM_SHRINK' })
  t.equal(await outcomeOf(2 * GIB, true), 'updated')
})

t.test('the options know the shipped sites', async t => {
  t.same(SITES, shippedSites)
})

t.test('the closing lines name the broker, and warn where it is not where nats looks by itself', async t => {
  const printed = t.capture(console, 'log')
  const linesFor = (nats: string, keys?: string): string => {
    say.addresses({ url: 'http://127.0.0.1:8080/', nats, keys, site: 'hill' })
    return printed()
      .flatMap(({ args }) => args)
      .join('\n')
  }
  const usual = linesFor('nats://127.0.0.1:4222')
  t.match(usual, 'export NATS_URL=nats://127.0.0.1:4222; site=hill')
  t.notMatch(usual, 'not on port')
  t.notMatch(usual, 'key')
  t.match(linesFor('tls://127.0.0.1:4222', '/d/keys'), 'export NATS_CONTEXT=/d/keys/observer.json')
  const elsewhere = linesFor('nats://127.0.0.1:34567')
  t.match(elsewhere, 'export NATS_URL=nats://127.0.0.1:34567')
  t.match(elsewhere, 'not on port 4222')
})
