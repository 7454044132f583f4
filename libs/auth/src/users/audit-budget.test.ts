import t from 'tap'
import { createAuditBudget } from './audit-budget.ts'

t.test('each user has so many at once, and then one a minute', async t => {
  let now = 0
  const budget = createAuditBudget(() => now)
  for (let n = 0; n < 120; n++) budget.take('ada')
  t.throws(() => budget.take('ada'), { code: 'AUT_TOO_OFTEN', facts: { retryAfterSeconds: 60 } })
  budget.take('bob')
  now += 60_000
  budget.take('ada')
  t.throws(() => budget.take('ada'), { code: 'AUT_TOO_OFTEN' })
})
