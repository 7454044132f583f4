import fc from 'fast-check'
import t from 'tap'
import { createExtremes } from './extremes.ts'

t.test('a row has the least and the greatest of what was added to it', async () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.nat(5), fc.double({ noNaN: true }))), added => {
      const extremes = createExtremes()
      for (const [row, value] of added) extremes.add(row, value)
      return Array.from({ length: 7 }, (_, row) => row).every(row => {
        const values = added.filter(([at]) => at === row).map(([, value]) => value)
        const range = extremes.rangeOf(row)
        if (values.length === 0) return range === undefined && extremes.countOf(row) === 0
        return range?.[0] === Math.min(...values) && range[1] === Math.max(...values)
      })
    })
  )
})

t.test('NaN is counted and widens nothing; infinities are numbers', async t => {
  const extremes = createExtremes()
  extremes.add(0, Number.NaN)
  t.equal(extremes.rangeOf(0), undefined)
  extremes.add(0, 4)
  extremes.add(0, Number.NaN)
  t.same(extremes.rangeOf(0), [4, 4])
  t.equal(extremes.countOf(0), 3)
  for (const value of [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]) {
    extremes.add(2, value)
    t.same(extremes.rangeOf(2)?.includes(value), true)
  }
  t.same(extremes.rangeOf(2), [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY])
  t.equal(extremes.rangeOf(1), undefined, 'a row between that had nothing')
  t.equal(extremes.rows(), 3)
})
