import t from 'tap'
import { medianOf, numbersOf, ratioText, spreadText } from './pairs.ts'

t.test('the figures of a result are numbers by name, those inside a text too', async t => {
  const figures = {
    consumers: 8,
    'added ms': 'p50 1.72  p99 7.05  min -0.3',
    commanders: '12.1 % of a core, 117 MiB'
  }
  t.same(numbersOf({ figures }), [
    ['consumers', 8],
    ['added ms p50', 1.72],
    ['added ms p99', 7.05],
    ['added ms min', -0.3]
  ])
  t.same(numbersOf({ figures: { 'CPU ms per command': 'nats-server 0.7  commanders 2.4' } }), [
    ['CPU ms per command nats-server', 0.7],
    ['CPU ms per command commanders', 2.4]
  ])
})

t.test('a comparison tells medians, spreads and their ratio, and that there is none', async t => {
  t.equal(medianOf([3, 1, 2]), 2)
  t.equal(medianOf([4, 1, 2, 3]), 2.5)
  t.equal(spreadText([3, 1, 2]), '2 (1..3)')
  t.equal(spreadText([]), '-')
  const row = { id: 'B1', what: '', target: '', figure: 'us', invalid: 0 }
  t.equal(ratioText({ ...row, here: [1, 2, 3], other: [4] }), '0.50')
  t.equal(ratioText({ ...row, here: [], other: [4] }), '-')
})
