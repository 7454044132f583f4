import t from 'tap'
import { shuffled } from './random.ts'
import { createSchedule } from './schedule.ts'

const names = ['a', 'b', 'c', 'd']
const first = (seed: number, count: number): readonly string[] => {
  const schedule = createSchedule(names, seed)
  return Array.from({ length: count }, () => {
    const { name, pick } = schedule.next().value
    return `${name}${pick(3)}`
  })
}

t.test('the same seed gives the same faults with the same victims, another seed others', async t => {
  t.same(first(7, 40), first(7, 40))
  t.notSame(first(7, 40), first(8, 40))
})

t.test('each round has every fault once, and victims are spread', async t => {
  const faults = first(7, 40)
  for (let at = 0; at < 40; at += 4)
    t.same(
      faults
        .slice(at, at + 4)
        .map(fault => fault.charAt(0))
        .sort(),
      names
    )
  t.same([...new Set(faults.map(fault => fault.charAt(1)))].sort(), ['0', '1', '2'])
})

t.test('a shuffled list has the same items, in the order of its seed', async t => {
  t.same([...shuffled(names, 3)].sort(), names)
  t.same(shuffled(names, 3), shuffled(names, 3))
})
