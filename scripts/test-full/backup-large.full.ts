/**
 * `pnpm streams backup` and `restore` of a stream of 1 GiB: in bounded memory, and ended in the middle they leave nothing
 * that looks whole. Then a cluster, which takes a backup and has it back.
 */
import { randomBytes } from 'node:crypto'
import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import {
  append,
  type Broker,
  connectBroker,
  ensureStreams,
  messageAt,
  streamState,
  streamTable
} from '@meridian/broker'
import { eventOf } from '@meridian/subjects'
import { createTestLog, startCluster, startNats, waitFor } from '@meridian/testing'
import t from 'tap'
import { createProgress } from '../streams/progress.ts'
import { readBackup } from '../streams/read-backup.ts'
import { beginStreams, type Ended, type RunningCommand } from './keyed-site/command.ts'

t.setTimeout(580_000)

const MIB = 2 ** 20
const MESSAGES = 2_200
const MESSAGE_BYTES = 512 * 1024
/** What the CronJob of docs/operations.md may take. */
const MAX_RSS_MIB = 256
const folder = t.testdir()
const backup = join(folder, 'backup')
const nats = await startNats()
t.teardown(() => nats.stop())
const broker = await connectBroker({ servers: nats.url, name: 'test', log: createTestLog() })
t.teardown(() => broker.drain())
await fillEvents(broker)

/** More than 1 GiB that does not compress, of many subjects, in appends that are each acknowledged. */
async function fillEvents(to: Broker): Promise<void> {
  const specs = streamTable('hill', 'laptop').map(spec => ({
    ...spec,
    ...(spec.stream === 'EVT' && { maxBytes: 2_048 * MIB })
  }))
  await ensureStreams(to, specs, createTestLog())
  const subjectOf = (index: number): string => eventOf({ site: 'hill', csc: 'ESS', index, topic: 'row' })
  const append8 = (n: number): Promise<unknown> =>
    Promise.all(
      Array.from({ length: 8 }, (_, at) =>
        append(to, { subject: subjectOf(n + at), data: randomBytes(MESSAGE_BYTES), timeoutMs: 60_000 })
      )
    )
  for (let n = 0; n < MESSAGES; n += 8) await append8(n)
}

const run = (...args: readonly string[]): RunningCommand => beginStreams([...args, '--nats', nats.url], {})
const left = (): readonly string[] => readdirSync(folder).sort()
const hasEvents = async (): Promise<boolean> =>
  streamState(broker, 'EVT').then(
    () => true,
    () => false
  )

/** The end of a command, and the largest resident memory that it had, MiB. */
async function watched({ child, ended }: RunningCommand): Promise<Ended & { readonly rssMib: number }> {
  let peakKib = 0
  const look = (): void => {
    peakKib = Math.max(peakKib, peakKibOf(child.pid ?? 0))
  }
  const timer = setInterval(look, 50)
  const end = await ended
  clearInterval(timer)
  return { ...end, rssMib: Math.round(peakKib / 1024) }
}

function peakKibOf(pid: number): number {
  try {
    return Number(/VmHWM:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0)
  } catch {
    return 0
  }
}

/** Ends a command when 64 MiB of the events have gone by. */
async function cutShort(command: RunningCommand, signal: NodeJS.Signals): Promise<Ended> {
  const isOnTheWay = (): boolean => command.said().includes('EVT: 64 MiB')
  await waitFor(isOnTheWay, { what: '64 MiB of EVT', timeoutMs: 120_000, everyMs: 5 })
  command.child.kill(signal)
  return command.ended
}

t.test('a backup that is ended in the middle leaves nothing, and says so', async t => {
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    const { code, out, err } = await cutShort(run('backup', backup), signal)
    t.equal(code, 1, signal)
    t.match(err, /^RUN_ENDED: .*nothing of the backup stays$/m)
    t.notMatch(out, /whole/)
    t.same(left(), [])
  }
})

t.test('one that is killed leaves a folder of another name, which no restore takes', async t => {
  t.match(await cutShort(run('backup', backup), 'SIGKILL'), { code: null })
  const [partial = ''] = left()
  t.match(partial, /^backup\.partial-/)
  t.equal(left().length, 1)
  await t.rejects(readBackup(join(folder, partial)), { code: 'RUN_BAD_BACKUP', message: /no SHA256SUMS/ })
  rmSync(join(folder, partial), { recursive: true })
})

t.test('1 GiB is written and read back in bounded memory', async t => {
  const before = await streamState(broker, 'EVT')
  t.ok(before.bytes > 1_024 * MIB)
  const saved = await watched(run('backup', backup))
  t.match(saved, { code: 0, out: / streams, whole$/m }, saved.err)
  const restored = await watched(run('restore', backup, '--replace'))
  t.match(restored, { code: 0 }, restored.err)
  t.comment(`backup ${saved.rssMib} MiB, restore ${restored.rssMib} MiB of memory`)
  for (const { rssMib } of [saved, restored]) t.ok(rssMib > 0 && rssMib < MAX_RSS_MIB, `${rssMib} MiB`)
  const { messages, bytes, lastSeq } = await streamState(broker, 'EVT')
  t.same([messages, bytes, lastSeq], [before.messages, before.bytes, before.lastSeq])
})

t.test('a restore that is ended in the middle leaves no part of the stream', async t => {
  const { code, err } = await cutShort(run('restore', backup, '--replace'), 'SIGTERM')
  t.equal(code, 1)
  t.match(err, /^RUN_ENDED: .*EVT and what comes behind it is not restored/m)
  t.notOk(await hasEvents())
  t.ok(existsSync(backup))
  rmSync(backup, { recursive: true })
})

t.test('three servers take a backup and have it back, on as many of them as is said', async t => {
  const cluster = await startCluster()
  t.teardown(() => cluster.stop())
  const broker = await connectBroker({ servers: cluster.url, name: 'test', log: createTestLog() })
  t.teardown(() => broker.drain())
  const specs = streamTable('hill', 'laptop').map(spec => ({ ...spec, replicas: 3 as const }))
  await ensureStreams(broker, specs, createTestLog())
  const subject = eventOf({ site: 'hill', csc: 'MTMount', index: 0, topic: 'summaryState' })
  for (let n = 1; n <= 20; n++) await append(broker, { subject, data: randomBytes(64 * 1024) })
  const before = await streamState(broker, 'EVT')
  const last = await messageAt(broker, 'EVT', 20)
  const target = join(folder, 'of-cluster')
  const here = ['--nats', cluster.url]
  t.match(await beginStreams(['backup', target, ...here], {}).ended, { code: 0, out: /^EVT: 20 messages$/m })
  for (const [replicas, choice] of [
    [3, []],
    [1, ['--replicas', '1']]
  ] as const) {
    const restored = await beginStreams(['restore', target, ...here, '--replace', ...choice], {}).ended
    t.match(restored, { code: 0 }, restored.err)
    t.match(await streamState(broker, 'EVT'), { messages: 20, lastSeq: 20 })
    t.not((await streamState(broker, 'EVT')).epoch, before.epoch)
    t.same(await messageAt(broker, 'EVT', 20), last)
    const answer = await broker.request('$JS.API.STREAM.INFO.EVT', '', { timeoutMs: 5_000 })
    t.equal(JSON.parse(answer.text()).config.num_replicas, replicas)
  }
})

t.test('a long way is told on the way', t => {
  const told: string[] = []
  const progress = createProgress(line => told.push(line))
  for (let mib = 1; mib <= 200; mib++) progress('EVT', mib * 2 ** 20)
  t.same(told, ['EVT: 64 MiB', 'EVT: 128 MiB', 'EVT: 192 MiB'])
  t.end()
})
