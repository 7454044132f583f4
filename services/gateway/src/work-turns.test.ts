import t from 'tap'
import { createWorkTurns } from './work-turns.ts'

const turn = (): Promise<void> => new Promise(resolve => setImmediate(resolve))

t.test('work beyond the time of one turn waits for later ones, in the order of asking', async t => {
  let now = 0
  const turns = createWorkTurns(() => now)
  const done: number[] = []
  const ask = (n: number): void =>
    turns.take(() => {
      done.push(n)
      now += 3
    })
  for (let n = 1; n <= 5; n++) ask(n)
  t.same(done, [1, 2], 'six ms of five are over')
  await turn()
  t.same(done, [1, 2, 3, 4])
  ask(6)
  t.same(done, [1, 2, 3, 4], 'nobody overtakes')
  await turn()
  t.same(done, [1, 2, 3, 4, 5, 6])
  await turn()
  ask(7)
  t.same(done.at(-1), 7, 'at once where nothing waits')
  t.equal(turns.waited, 4)
})
