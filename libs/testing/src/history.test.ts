import t from 'tap'
import { createHistory, FAULTS } from './history.ts'
import { createPublicationLog } from './publication-log.ts'

const historyOf = (published: string, received: string) => {
  const history = createHistory()
  for (const [seq, id] of [...published].entries()) history.published('s', id, seq + 1)
  for (const id of received) history.received('s', id)
  return history
}

t.test('a history without faults passes', async t => {
  historyOf('abc', 'abc').verify()
  t.same(historyOf('abc', 'abc').report(), {
    published: 3,
    received: 3,
    told: 0,
    ...Object.fromEntries(FAULTS.map(kind => [kind, []]))
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
  t.throws(() => historyOf('abcd', 'adb').verify('latest'), /stale s: d/)
})

t.test('what lies inside a gap that was told is not lost, unless the gap names other subjects', async t => {
  const history = createHistory()
  for (const [i, id] of ['a', 'b', 'c', 'd'].entries()) history.published('s', id, 10 + i)
  history.received('s', 'a')
  history.toldGap({ from: 11, to: 11 })
  history.toldGap({ from: 12, to: 12, subjects: ['other'] })
  t.match(history.report(), { lost: ['s: c', 's: d'], told: 1 })
  history.toldGap({ from: 12, to: 13, subjects: ['other', 's'] })
  const { lost, told } = history.report()
  t.same({ lost, told }, { lost: [], told: 3 })
})

t.test('a snapshot may repeat the last value and leave out what came before it, no more', async t => {
  const after = (received: string) => {
    const history = historyOf('abcdef', 'ab')
    history.beganAnew('snapshot')
    for (const id of received) history.received('s', id)
    return history
  }
  after('def').verify()
  historyOf('ab', 'ab').verify()
  t.throws(() => after('df').verify(), /lost s: e/)
  t.throws(() => after('aef').verify('latest'), /inverted s: a/)
  t.throws(() => after('').verify(), /lost s: f/)
  t.throws(() => after('').verify('latest'), /lost s: f/)
})

/** The stream took a to e, was cut back behind c, and took f and g. */
const cutLog = () => {
  const log = createPublicationLog()
  for (const [seq, id] of [...'abcde'].entries()) log.published('s', id, seq + 1)
  log.cutBack(3)
  for (const [at, id] of [...'fg'].entries()) log.published('s', id, at + 4)
  return log
}
const receiverOf = (before: string, anew: string | undefined, log = cutLog()) => {
  const history = createHistory(log)
  for (const id of before) history.received('s', id)
  if (anew !== undefined) history.beganAnew('reset')
  for (const id of anew ?? '') history.received('s', id)
  return history
}

t.test('a log that went back is told as a reset: what the cut removed is owed no more', async t => {
  for (const [before, anew] of [
    ['abcde', 'cfg'],
    ['abcde', 'fg'],
    ['abcde', 'g'],
    ['ab', 'cfg'],
    ['', 'cfg']
  ] as const)
    for (const promised of ['all', 'latest'] as const)
      t.doesNotThrow(() => receiverOf(before, anew).verify(promised))
})

t.test('a log that went back and is not told is a fault in every form', async t => {
  t.throws(() => receiverOf('abcdefg', undefined).verify(), /untold s: f/)
  t.throws(() => receiverOf('abcdefg', undefined).verify('latest'), /untold s: f/)
  t.throws(() => receiverOf('abcde', undefined).verify(), /lost s: f/, 'new messages under old numbers')
  t.throws(() => receiverOf('abcfg', undefined).verify(), /lost s: d/, 'what it never heard of')
  t.throws(() => receiverOf('abcde', 'cg').verify(), /lost s: f/, 'a hole behind the reset')
  t.throws(() => receiverOf('abcde', 'c').verify('latest'), /lost s: g/)
  t.throws(() => receiverOf('abcde', '').verify(), /lost s: g/, 'a reset without last values')
})

t.test('a subject whose newest message was cut off ends with the one before it', async t => {
  const log = createPublicationLog()
  for (const [seq, id] of [...'abc'].entries()) log.published('s', id, seq + 1)
  log.cutBack(2)
  receiverOf('abc', 'b', log).verify()
  t.throws(() => receiverOf('abc', undefined, log).verify(), /stale s: b/)
  t.throws(() => receiverOf('abc', undefined, log).verify('latest'), /stale s: b/)
  const empty = createPublicationLog()
  empty.published('s', 'a', 1)
  empty.cutBack(0)
  receiverOf('a', '', empty).verify()
})

t.test('one log judges many receivers; a gap of one stretch excuses nothing in the next', async t => {
  const log = cutLog()
  receiverOf('abcde', 'cfg', log).verify()
  const forgetful = createHistory(log)
  for (const id of 'abcde') forgetful.received('s', id)
  forgetful.toldGap({ from: 4, to: 4 })
  forgetful.beganAnew('reset')
  for (const id of 'cg') forgetful.received('s', id)
  t.throws(() => forgetful.verify(), /lost s: f/)
})
