import t from 'tap'
import { figuresTable, mergeSections } from './report.ts'

t.test('a newer section takes the place of the one with its id, all others stay', async t => {
  const old = '\n\n### B1: one\n\nold\n\n### B10: ten\n\n| a |\n\n'
  t.equal(
    mergeSections(old, ['### C1: new', '### B1: one, said otherwise\n\nnew']),
    '### B1: one, said otherwise\n\nnew\n\n### B10: ten\n\n| a |\n\n### C1: new'
  )
  t.equal(mergeSections('\n', ['### B1: one']), '### B1: one')
})

t.test('figures that all hold the same names make a column of each', async t => {
  t.same(figuresTable({ ws: 'us per message 9.5  KB 7', Meridian: 'us per message 0.7  KB 5' }), [
    '|  | us per message | KB |',
    '| --- | --- | --- |',
    '| ws | 9.5 | 7 |',
    '| Meridian | 0.7 | 5 |'
  ])
  t.same(figuresTable({ 'p50 ms': 2, note: 'p50 1  p99 2' }), [
    '| figure | value |',
    '|---|---|',
    '| p50 ms | 2 |',
    '| note | p50 1  p99 2 |'
  ])
})
