import { setImmediate as turn } from 'node:timers/promises'
import t, { type Test as TestOf } from 'tap'
import { createStandstill } from './standstill.ts'

function setUp(t: TestOf) {
  let nowMs = 1_000
  const stood: number[] = []
  const flushes: { resolve: () => void; reject: (err: Error) => void }[] = []
  const standstill = createStandstill({
    broker: {
      flush: () => new Promise((resolve, reject) => flushes.push({ resolve, reject }))
    },
    nowMs: () => nowMs,
    onStandstill: ms => stood.push(ms)
  })
  standstill.start()
  t.teardown(() => standstill.stop())
  return { standstill, flushes, stood, pass: (ms: number) => (nowMs += ms) }
}

t.test('what is read after a standstill has waited, until the broker has answered', async t => {
  const { standstill, flushes, stood, pass } = setUp(t)
  pass(2_000)
  t.notOk(standstill.hasWaited(), 'two seconds are not long')
  pass(2_001)
  t.ok(standstill.hasWaited())
  t.ok(standstill.hasWaited(), 'and all that follows it')
  t.same(stood, [2_001])
  flushes[0]?.resolve()
  await turn()
  t.notOk(standstill.hasWaited())
})

t.test('a second standstill while the first is caught up with counts anew', async t => {
  const { standstill, flushes, pass } = setUp(t)
  pass(5_000)
  t.ok(standstill.hasWaited())
  pass(5_000)
  t.ok(standstill.hasWaited())
  flushes[0]?.resolve()
  await turn()
  t.ok(standstill.hasWaited(), 'the answer to the first says nothing of the second')
  flushes[1]?.resolve()
  await turn()
  t.notOk(standstill.hasWaited())
})

t.test('a broker that is away is asked again', async t => {
  const { standstill, flushes, pass } = setUp(t)
  pass(5_000)
  t.ok(standstill.hasWaited())
  flushes[0]?.reject(new Error('away'))
  await turn()
  t.ok(standstill.hasWaited())
  while (flushes.length < 2) await turn()
  flushes[1]?.resolve()
  await turn()
  t.notOk(standstill.hasWaited())
})
