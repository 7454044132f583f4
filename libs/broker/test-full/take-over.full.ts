import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { createTestLog, startNats } from '@meridian/testing'
import t from 'tap'
import { append, connectBroker, ensureStreams, streamState, streamTable } from '../src/index.ts'
import { call, lastOf, makeOldStore, queue } from '../test/old-store.ts'

t.test('ten thousand old names are moved by processes that are killed again and again', async t => {
  const log = createTestLog()
  const nats = await startNats()
  t.teardown(() => nats.stop())
  const broker = await connectBroker({ servers: nats.url, name: 'test', log })
  t.teardown(() => broker.drain())
  await makeOldStore(broker)
  const NAMES = 10_000
  const put = (n: number) =>
    append(broker, { subject: queue(`1.script.${200_000 + n}`), data: String(n), id: `said-${n}` })
  for (let n = 0; n < NAMES; n += 500) await Promise.all(Array.from({ length: 500 }, (_, i) => put(n + i)))
  const script = fileURLToPath(new URL('take-over-process.ts', import.meta.url))
  let moved = 0
  for (const kills of [1, 500, 1_700]) {
    const child = spawn(process.execPath, ['--import', 'tsx', script, nats.url])
    const gone = once(child, 'exit')
    let seen = 0
    const watch = broker.subscribe('script.summit.>', () => {
      if (++seen === kills) child.kill('SIGKILL')
    })
    t.same(await gone, [null, 'SIGKILL'], `killed after ${kills} writes`)
    watch.unsubscribe()
    moved = (await streamState(broker, 'SCRIPT')).messages
    t.ok(moved >= kills && moved < NAMES, `${moved} are moved`)
  }
  const progress: number[] = []
  const startedMs = performance.now()
  await ensureStreams(broker, streamTable('summit', 'laptop'), log, {
    onProgress: ({ moved: soFar }) => progress.push(soFar)
  })
  t.comment(
    `${NAMES - moved} in ${Math.round(performance.now() - startedMs)} ms; told ${progress.join(', ')}`
  )
  t.ok(progress.length >= 5)
  t.equal((await streamState(broker, 'EVT')).messages, 0)
  t.equal((await streamState(broker, 'SCRIPT')).messages, NAMES)
  const found = await lastOf(broker, 'SCRIPT')
  t.ok(
    Array.from({ length: NAMES }, (_, n) => n).every(
      n => found[`script.summit.1.${200_000 + n}.script`] === String(n)
    )
  )
  t.match(await call(broker, 'CONSUMER.NAMES.EVT'), { total: 0 }, 'no reader is left')
})
