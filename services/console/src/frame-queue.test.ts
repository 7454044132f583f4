import t from 'tap'
import { createFrameQueue } from './frame-queue.ts'

/** A clock on which each piece of work takes 3 ms, and frames that come when the test says so. */
function startClock() {
  let now = 0
  let due: (() => void) | undefined
  const done: number[] = []
  const queue = createFrameQueue({
    now: () => now,
    requestFrame(callback) {
      due = callback
      return 1
    },
    cancelFrame() {
      due = undefined
    }
  })
  const push = (...names: readonly number[]): void => {
    for (const name of names)
      queue.push(() => {
        now += 3
        done.push(name)
      })
  }
  const frame = (afterMs = 16): void => {
    now += afterMs
    const run = due
    due = undefined
    run?.()
  }
  return { queue, push, frame, done, isIdle: () => due === undefined }
}

t.test('a long burst is spread over frames, in order, with nothing lost', async t => {
  const clock = startClock()
  clock.push(1, 2, 3, 4, 5)
  clock.frame()
  t.same(clock.done, [1, 2, 3])
  clock.push(6)
  clock.frame()
  t.same(clock.done, [1, 2, 3, 4, 5, 6])
  t.ok(clock.isIdle(), 'no frame is asked for without work')
})

t.test('what has waited too long is done at once, however much it is', async t => {
  const clock = startClock()
  clock.push(...Array.from({ length: 100 }, (_, i) => i))
  clock.frame()
  t.equal(clock.done.length, 3)
  clock.frame(300)
  t.equal(clock.done.length, 100)
})

t.test('work that pushes work has it done in the next frame', async t => {
  const clock = startClock()
  clock.queue.push(() => clock.push(2))
  clock.push(1)
  clock.frame()
  t.same(clock.done, [1])
  clock.frame()
  t.same(clock.done, [1, 2])
  t.ok(clock.isIdle())
})

t.test('work that throws does not take the rest with it', async t => {
  const clock = startClock()
  clock.queue.push(() => {
    throw new Error('broken')
  })
  clock.push(1)
  t.throws(() => clock.frame(), { message: 'broken' })
  clock.frame()
  t.same(clock.done, [1])
})
