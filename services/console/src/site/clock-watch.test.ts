import t from 'tap'
import { createClockWatch } from './clock-watch.ts'

const START = 1_795_000_000

/** What is told after each message; a message is when it was received and how far ahead its stamp is, s. */
function toldOf(...messages: ReadonlyArray<readonly [receivedS: number, aheadS: number]>): number[] {
  const watch = createClockWatch()
  return messages.map(([at, ahead]) => Math.round(watch.take(START + at + ahead, START + at)))
}

const each = (count: number, message: (i: number) => readonly [number, number]) =>
  Array.from({ length: count }, (_, i) => message(i))

t.test('what a frozen producer held back is no fault of a clock, neither at once nor afterwards', async t => {
  const before = each(8, i => [i, -0.1] as const)
  const heldBack = each(40, i => [20, -12 + i / 10] as const)
  const after = each(10, i => [21 + i, -0.1] as const)
  t.same(new Set(toldOf(...before, ...heldBack, ...after)), new Set([0]))
})

t.test('a clock that is behind is told once its messages have said so for three seconds', async t => {
  t.same(toldOf(...each(6, i => [i, -37] as const)).map(Number), [0, 0, 0, -37, -37, -37])
})

t.test('last values of long ago tell at once that a clock is behind', async t => {
  t.equal(toldOf([-600, -400], [-1, -400], [0, -400]).at(-1), -400)
})

t.test('a clock that is ahead is told at once', async t => {
  t.same(toldOf([0, 600]), [600])
})

t.test('a clock that is behind stays what it is while its messages are held back', async t => {
  const told = toldOf(...each(8, i => [i, -37] as const), ...each(8, i => [20, -49 + i / 10] as const))
  t.equal(told.at(-1), -37)
})

t.test('a clock that was set right is believed once most of the latest messages say so', async t => {
  const told = toldOf(...each(8, i => [i, -37] as const), ...each(5, i => [8 + i, 0] as const))
  t.equal(told.at(-1), 0)
})

t.test('a stamp that is no number changes nothing', async t => {
  t.same(toldOf([0, 600], [1, Number.NaN]), [600, 600])
})
