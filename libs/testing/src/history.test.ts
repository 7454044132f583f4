import t from 'tap'
import { createHistory } from './history.ts'

const historyOf = (published: string, received: string) => {
  const history = createHistory()
  for (const id of published) history.published('s', id)
  for (const id of received) history.received('s', id)
  return history
}

t.test('a history without faults passes', async t => {
  historyOf('abc', 'abc').verify()
  t.match(historyOf('abc', 'abc').report(), {
    published: 3,
    received: 3,
    lost: [],
    duplicated: [],
    inverted: []
  })
})

t.test('a lost, a repeated, an overtaken and an invented message are each named', async t => {
  t.same(historyOf('abc', 'ac').report().lost, ['s: b'])
  t.same(historyOf('abc', 'abbc').report().duplicated, ['s: b'])
  t.same(historyOf('abc', 'acb').report().inverted, ['s: b'])
  t.same(historyOf('abc', 'abcx').report().unknown, ['s: x'])
  t.throws(() => historyOf('abc', 'acb').verify(), /inverted s: b/)
})

t.test('latest allows holes, but neither a step back nor a missing last value', async t => {
  historyOf('abcd', 'bd').verify('latest')
  t.throws(() => historyOf('abcd', 'bc').verify('latest'), /lost s: d/)
  t.throws(() => historyOf('abcd', 'bad').verify('latest'), /inverted s: a/)
})

t.test('what lies inside a gap that was told is not lost, unless the gap names other subjects', async t => {
  const history = createHistory()
  for (const [i, id] of ['a', 'b', 'c', 'd'].entries()) history.published('s', id, 10 + i)
  history.received('s', 'a')
  history.toldGap({ from: 11, to: 11 })
  history.toldGap({ from: 12, to: 12, subjects: ['other'] })
  t.match(history.report(), { lost: ['s: c', 's: d'], told: 1 })
  history.toldGap({ from: 12, to: 13, subjects: ['other', 's'] })
  t.match(history.report(), { lost: [], told: 3 })
})
