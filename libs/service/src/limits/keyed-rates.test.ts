import t from 'tap'
import { createKeyedRates } from './keyed-rates.ts'

t.test('each key has a rate of its own, and is told when it may go on', async t => {
  let now = 0
  const rates = createKeyedRates({ perSecond: 2, burstSeconds: 1, nowMs: () => now })
  t.same([rates.take('a'), rates.take('a'), rates.take('a')], [undefined, undefined, 500])
  t.equal(rates.take('b'), undefined)
  now += 500
  t.same([rates.take('a'), rates.take('a')], [undefined, 500])
})

t.test('no more keys are kept than there may be: the one that took longest ago is forgotten', async t => {
  const rates = createKeyedRates({ perSecond: 1, burstSeconds: 1, mostKeys: 2, nowMs: () => 0 })
  for (const key of ['a', 'b', 'a', 'c']) rates.take(key)
  t.equal(rates.take('a'), 1_000)
  t.equal(rates.take('b'), undefined)
})
