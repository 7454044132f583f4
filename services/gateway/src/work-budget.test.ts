import t from 'tap'
import { WorkBudget } from './work-budget.ts'

t.test('who has spent more than there was waits until the debt is paid', async t => {
  let now = 0
  const budget = new WorkBudget(1_000, () => now)
  budget.spend(4_000)
  t.equal(budget.waitMs(), 0, 'four seconds at once')
  t.equal(budget.owedMs(), 4_000)
  budget.spend(500)
  t.equal(budget.waitMs(), 500)
  now = 400
  t.equal(budget.waitMs(), 100)
  t.equal(budget.owedMs(), 4_100)
  now = 60_000
  budget.spend(4_001)
  t.equal(budget.waitMs(), 1, 'no more than four seconds are saved up')
})
