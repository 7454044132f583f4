import t from 'tap'
import { createRendering } from './policy/test-rendering.ts'
import { readQuantity } from './quantity.ts'
import { requestsTable, sumRequests } from './totals.ts'

t.test('quantities of Kubernetes are read', async t => {
  t.equal(readQuantity('250m'), 0.25)
  t.equal(readQuantity('2Gi'), 2 * 2 ** 30)
  t.equal(readQuantity(2), 2)
  for (const text of [undefined, '', '1x', 'Gi', '-1']) t.ok(Number.isNaN(readQuantity(text)), String(text))
})

t.test('requests are summed over the least number of pods', async t => {
  const { pods } = sumRequests(createRendering())
  t.equal(pods, 2 + 2 + 2 + 3 + 1 + 1, 'gateways, apis, commanders, servers, a producer, the streams step')
})

t.test('the table tells ours beside those of LOVE', async t => {
  const table = requestsTable(
    new Map([
      ['tucson', { pods: 100, cpu: 3.04, memoryGib: 14 }],
      ['local', { pods: 9, cpu: 1, memoryGib: 4 }]
    ])
  )
  t.match(table, '| tucson | 100 | 3.0 | 14.0 | 128 | 4.2 | 15.4 |')
  t.match(table, '| local | 9 | 1.0 | 4.0 | - | - | - |')
})
