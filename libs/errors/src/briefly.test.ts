import t from 'tap'
import { briefly } from './briefly.ts'

t.test('whatever was decoded can be named in an error, in at most 60 characters', async t => {
  const deep = JSON.parse(`${'['.repeat(20_000)}${']'.repeat(20_000)}`)
  const cases: [unknown, string][] = [
    ['ten', "'ten'"],
    ['x'.repeat(100), `'${'x'.repeat(56)}...`],
    [2n ** 60n, '1152921504606846976'],
    [{ id: 2n ** 60n, on: true, no: null }, '{"id":1152921504606846976,"on":true,"no":null}'],
    [['a', 1.5, Number.NaN], '["a",1.5,NaN]'],
    [deep, '[[[[[...]]]]]'],
    [undefined, 'undefined'],
    [Number.NEGATIVE_INFINITY, '-Infinity']
  ]
  for (const [value, text] of cases) t.equal(briefly(value), text)
  t.equal(briefly(Array.from({ length: 1e6 }, (_, i) => i)).length, 60)
})
