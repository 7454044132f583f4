import t from 'tap'
import { createBackoff } from './backoff.ts'
import { microsecondsOf } from './stream-info.ts'

t.test('times as Go writes them become microseconds', async t => {
  const second = Date.UTC(2026, 10, 22, 1, 2, 3) * 1000
  t.equal(microsecondsOf('2026-11-22T01:02:03.625123456Z'), second + 625123)
  t.equal(microsecondsOf('2026-11-22T01:02:03Z'), second)
  t.equal(microsecondsOf('2026-11-22T01:02:03.6Z'), second + 600000)
  t.equal(microsecondsOf('2026-11-22T02:02:03.5+01:00'), second + 500000)
  t.equal(microsecondsOf('nonsense'), 0)
})

t.test('waits double up to the most, never in step, and begin anew', async t => {
  const backoff = createBackoff({ firstMs: 100, mostMs: 400 })
  const waits = [0, 1, 2, 3, 4].map(() => backoff.nextMs())
  for (const [i, most] of [100, 200, 400, 400, 400].entries()) {
    t.ok((waits[i] ?? 0) <= most && (waits[i] ?? 0) >= most / 2)
  }
  backoff.reset()
  t.ok(backoff.nextMs() <= 100)
})
