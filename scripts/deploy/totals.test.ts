import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { root } from '../root.ts'
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
  const { all, broker } = sumRequests(createRendering())
  t.equal(
    all.pods,
    2 + 2 + 2 + 3 + 1 + 1,
    'gateways, apis, commanders, servers, a producer, the streams step'
  )
  t.equal(broker.pods, 3)
  t.equal(broker.cpu.toFixed(3), '1.515', 'each server with its reloader')
})

t.test('the table tells ours beside those of LOVE, and what the broker is of it', async t => {
  const broker = { pods: 1, cpu: 0.5, memoryGib: 2 }
  const table = requestsTable(
    new Map([
      ['tucson', { all: { pods: 100, cpu: 3.04, memoryGib: 14 }, broker }],
      ['local', { all: { pods: 9, cpu: 1, memoryGib: 4 }, broker }]
    ])
  )
  t.match(table, '| tucson | 100 | 3.0 | 14.0 | 1 | 0.5 | 2.0 | 128 | 4.2 | 15.4 |')
  t.match(table, '| local | 9 | 1.0 | 4.0 | 1 | 0.5 | 2.0 | - | - | - |')
})

t.test('the summit requests less than LOVE, and so do the other places without their brokers', async t => {
  const page = readFileSync(join(root, 'deploy/README.md'), 'utf8')
  const rows = [...page.matchAll(/^\| (summit|base|tucson) \|(( [\d.]+ \|){9})$/gm)]
  t.equal(rows.length, 3)
  for (const [, place, cells = ''] of rows) {
    const values = cells.split('|').map(Number)
    const [all, broker, love] = [values.slice(0, 3), values.slice(3, 6), values.slice(6, 9)]
    for (const [at, ours = 0] of all.entries()) {
      const counted = place === 'summit' ? ours : ours - (broker[at] ?? 0)
      t.ok(counted < (love[at] ?? 0), `${place}: ${counted}`)
    }
  }
})
