import t from 'tap'
import { createWorkTurns, type Work, type WorkAccount } from './work-turns.ts'

const turn = (): Promise<void> => new Promise(resolve => setImmediate(resolve))
const accountOf = (owedMs: number): WorkAccount => ({ owedMs: () => owedMs, spend: () => {} })

/** A clock, and work whose pieces take three ms each. */
function createWorld() {
  let now = 0
  const done: string[] = []
  function* work(name: string, pieces: number): Work<string> {
    for (let n = 1; n <= pieces; n++) {
      done.push(`${name}${n}`)
      now += 3
      if (n < pieces) yield
    }
    return name
  }
  return { turns: createWorkTurns(() => now), done, work }
}

t.test('work is done at once where there is time, and what is left in later turns', async t => {
  const { turns, done, work } = createWorld()
  t.equal(turns.run(work('a', 1), accountOf(0)), 'a')
  const b = turns.run(work('b', 4), accountOf(0))
  t.same(done, ['a1', 'b1'], 'six ms of five are over')
  await turn()
  t.same(done, ['a1', 'b1', 'b2', 'b3'])
  await turn()
  t.same(done.at(-1), 'b4')
  t.equal(await b, 'b')
  await turn()
  t.equal(turns.run(work('c', 1), accountOf(0)), 'c', 'at once where nothing waits')
  t.equal(turns.waited, 1)
})

t.test(
  'ten heavy clients together get one slice of a turn, and whoever asks for little comes first',
  async t => {
    const { turns, done, work } = createWorld()
    const heavy = Array.from({ length: 10 }, (_, n) => turns.run(work(`heavy${n}.`, 20), accountOf(1_000)))
    await turn()
    const before = done.length
    let answeredAfter = Number.NaN
    setImmediate(() => {
      answeredAfter = done.length - before
    })
    const small = turns.run(work('small', 1), accountOf(0))
    await turn()
    t.ok(answeredAfter <= 2, `what comes in meanwhile is answered after ${answeredAfter} pieces of 200`)
    t.equal(done[before], 'small1', 'before all that waited')
    t.equal(await small, 'small')
    await Promise.all(heavy)
    t.equal(done.length, 201)
  }
)

t.test('who has had as much as others takes turns with them', async t => {
  const { turns, done, work } = createWorld()
  const all = ['a', 'b', 'c'].map(name => turns.run(work(name, 3), accountOf(7)))
  await Promise.all(all)
  t.same(done, ['a1', 'a2', 'a3', 'b1', 'c1', 'b2', 'c2', 'b3', 'c3'])
})

t.test('work that fails fails for its asker alone, at once or later', async t => {
  const { turns, work } = createWorld()
  // biome-ignore lint/correctness/useYield: it fails before its first
  function* failing(): Work<void> {
    throw new Error('no')
  }
  t.throws(() => turns.run(failing(), accountOf(0)), { message: 'no' })
  const others = turns.run(work('a', 5), accountOf(0))
  await t.rejects(Promise.resolve(turns.run(failing(), accountOf(0))), { message: 'no' })
  t.equal(await others, 'a')
})

t.test('whoever has had much is put off, but not for ever, and thousands that wait cost little', async t => {
  const { turns, done, work } = createWorld()
  const first = turns.run(work('first', 2), accountOf(0))
  const heavy = turns.run(work('heavy', 1), accountOf(60))
  const waves: unknown[] = []
  for (let n = 0; n < 60 && !done.includes('heavy1'); n++) {
    for (let k = 0; k < 4; k++) waves.push(turns.run(work(`small${n}.${k}`, 1), accountOf(0)))
    await turn()
  }
  t.ok(done.includes('heavy1'), 'its turn has come, although others never ended')
  t.ok(done.indexOf('heavy1') > 10, `after ${done.indexOf('heavy1')} others`)
  await Promise.all([first, heavy, ...waves])
  const before = done.length
  const many = Array.from({ length: 5_000 }, (_, n) => turns.run(work(`m${n}`, 2), accountOf(n % 7)))
  await Promise.all(many)
  t.equal(done.length - before, 10_000)
})
