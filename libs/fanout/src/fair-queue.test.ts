import t from 'tap'
import { type Asker, createFairQueue } from './fair-queue.ts'

const waiter = (principal: string, from: string, n: number, due = 0) => ({
  asker: [principal, from] as Asker,
  due,
  n
})
const drain = (queue: ReturnType<typeof createFairQueue<ReturnType<typeof waiter>>>): readonly string[] => {
  const taken: string[] = []
  for (let one = queue.take(); one !== undefined; one = queue.take())
    taken.push(`${one.asker.join('')}${one.n}`)
  return taken
}

t.test('principals take turns, and so do the connections of each', async t => {
  const queue = createFairQueue<ReturnType<typeof waiter>>()
  for (let n = 1; n <= 3; n++) queue.add(waiter('a', 'x', n))
  queue.add(waiter('a', 'y', 1))
  queue.add(waiter('b', 'z', 1))
  queue.add(waiter('b', 'z', 2))
  t.equal(queue.size, 6)
  t.same(drain(queue), ['ax1', 'bz1', 'ay1', 'bz2', 'ax2', 'ax3'])
  t.equal(queue.size, 0)
})

t.test('whoever comes behind a crowd waits for one of each, not for all', async t => {
  const queue = createFairQueue<ReturnType<typeof waiter>>()
  for (let n = 0; n < 500; n++) queue.add(waiter('a', `x${n % 100}-`, n))
  queue.add(waiter('honest', '', 0))
  t.equal(queue.take()?.asker[0], 'a')
  t.equal(queue.take()?.asker[0], 'honest')
})

t.test('of one connection the one that is due first goes first, equal ones as they came', async t => {
  const queue = createFairQueue<ReturnType<typeof waiter>>()
  queue.add(waiter('a', 'x', 1, 50))
  queue.add(waiter('a', 'x', 2, 10))
  queue.add(waiter('a', 'x', 3, 50))
  queue.add(waiter('a', 'x', 4, 20))
  t.same(drain(queue), ['ax2', 'ax4', 'ax1', 'ax3'])
})

t.test('one that is taken out leaves no trace, and is not in a second time', async t => {
  const queue = createFairQueue<ReturnType<typeof waiter>>()
  const one = waiter('a', 'x', 1)
  queue.add(one)
  queue.add(waiter('a', 'x', 2))
  t.ok(queue.remove(one))
  t.notOk(queue.remove(one))
  t.notOk(queue.remove(waiter('b', 'x', 1)))
  t.same(drain(queue), ['ax2'])
})

t.test('the greedier one is the principal that has most, then its connection that has most', async t => {
  const queue = createFairQueue<ReturnType<typeof waiter>>()
  t.equal(queue.lastOfGreedier(['c', 'x']), undefined, 'nobody waits')
  for (let n = 1; n <= 3; n++) queue.add(waiter('a', 'x', n))
  queue.add(waiter('a', 'y', 1))
  queue.add(waiter('b', 'z', 1))
  t.match(queue.lastOfGreedier(['c', 'x']), { asker: ['a', 'x'], n: 3 })
  t.match(queue.lastOfGreedier(['a', 'y']), { asker: ['a', 'x'], n: 3 }, 'also within a principal')
  t.equal(queue.lastOfGreedier(['a', 'x']), undefined, 'who has most itself has no one to push out')
  const even = createFairQueue<ReturnType<typeof waiter>>()
  even.add(waiter('a', 'x', 1))
  t.equal(even.lastOfGreedier(['b', 'x']), undefined, 'one is no more than one')
})
