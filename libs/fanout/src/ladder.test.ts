import t from 'tap'
import { Ladder } from './ladder.ts'

const limits = {
  highBytes: 1_000,
  urgentBytes: 6_000,
  lowBytes: 100,
  downMs: 1_000,
  upMs: 5_000,
  mostUpMs: 40_000
}
/** Looks once a second for so long, and gives each change with its second. */
function looks(ladder: Ladder, from: number, to: number, waiting: number): string[] {
  const changes: string[] = []
  for (let s = from; s <= to; s++) {
    const step = ladder.look(waiting, s * 1_000)
    if (step !== undefined) changes.push(`${s} ${step}`)
  }
  return changes
}

t.test('one that stays behind goes down step by step, and no further than the last', async t => {
  const ladder = new Ladder(limits)
  t.same(looks(ladder, 0, 8, 5_000), ['1 slower', '2 latest', '3 paused'])
  t.equal(ladder.step, 'paused')
})

t.test('one for which much waits goes to last values at once, and further while it lasts', async t => {
  const ladder = new Ladder(limits)
  t.same(looks(ladder, 0, 3, 7_000), ['0 latest', '1 paused'])
  t.same(looks(ladder, 4, 30, 0), ['9 latest', '14 slower', '19 none'], 'up step by step')
  const second = new Ladder(limits)
  t.same(looks(second, 0, 1, 5_000), ['1 slower'])
  t.same(looks(second, 2, 2, 7_000), ['2 latest'])
})

t.test('a short burst is no step, and neither is what lies between the bounds', async t => {
  const ladder = new Ladder(limits)
  t.same(looks(ladder, 0, 0, 5_000), [])
  t.same(looks(ladder, 1, 60, 500), [])
  t.same(looks(ladder, 61, 61, 5_000), [])
})

t.test('one that is calm goes up a step at a time', async t => {
  const ladder = new Ladder(limits)
  looks(ladder, 0, 3, 5_000)
  t.same(looks(ladder, 4, 30, 0), ['9 latest', '14 slower', '19 none'])
})

t.test('a climb that does not last makes the next one wait twice as long, with an end', async t => {
  const ladder = new Ladder(limits)
  looks(ladder, 0, 1, 5_000)
  t.same(looks(ladder, 2, 7, 0), ['7 none'])
  t.same(looks(ladder, 8, 9, 5_000), ['9 slower'])
  t.same(looks(ladder, 10, 25, 0), ['20 none'], 'ten seconds now')
  for (let s = 21; s < 400; s++) ladder.look(s % 100 < 3 ? 5_000 : 0, s * 1_000)
  t.same(looks(ladder, 500, 501, 5_000), ['501 slower'])
  t.same(looks(ladder, 502, 560, 0), ['507 none'], 'forgiven after a quiet while')
})

t.test('one that asks anew begins at the top', async t => {
  const ladder = new Ladder(limits)
  looks(ladder, 0, 3, 5_000)
  ladder.reset()
  t.equal(ladder.step, 'none')
  t.same(looks(ladder, 4, 5, 5_000), ['5 slower'])
})
