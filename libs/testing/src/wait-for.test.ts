import t from 'tap'
import { createTestLog } from './test-log.ts'
import { waitFor } from './wait-for.ts'

t.test('waitFor gives what the predicate found, past refusals', async t => {
  let calls = 0
  const found = await waitFor(
    () => {
      calls++
      if (calls < 3) throw new Error('not yet')
      return calls
    },
    { what: 'third call', everyMs: 1 }
  )
  t.equal(found, 3)
})

t.test('waitFor says what it waited for in vain', async t => {
  await t.rejects(
    waitFor(() => false, { what: 'the moon', timeoutMs: 20 }),
    /20 ms in vain: the moon/
  )
})

t.test('the test log keeps records of children too', async t => {
  const log = createTestLog()
  log.child({ part: 'x' }).warn({ seq: 3 }, 'hello')
  t.match(log.records, [{ msg: 'hello', part: 'x', seq: 3, level: 40 }])
})
