import t from 'tap'
import { MINMAX_FIELD, readMinMax } from './minmax.ts'

t.test('extremes are read from the fields of either codec', async t => {
  const minMax = {
    from: 1,
    count: 3,
    min: { x: '-Infinity', list: [1, null] },
    max: { x: 2.5, list: [3, null] }
  }
  t.same(readMinMax({ x: 1, [MINMAX_FIELD]: minMax }), {
    ...minMax,
    min: { x: Number.NEGATIVE_INFINITY, list: [1, null] }
  })
  t.equal(readMinMax({ x: 1 }), undefined)
  t.equal(readMinMax({ [MINMAX_FIELD]: 4 }), undefined, 'a field of that name that is none of ours')
})
