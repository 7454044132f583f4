import t from 'tap'
import { type FrameOptions, subscribePerFrame } from './frame.ts'
import type { Client, SubscriptionHandlers, Update } from './types.ts'

const update = (subject: string, seq: number) => ({ subject, seq }) as Update

/** A client whose subscription the test drives, and frames that come when it says. */
function createWorld(options: FrameOptions = {}) {
  let handlers: SubscriptionHandlers | undefined
  let frame: (() => void) | undefined
  const told: unknown[] = []
  const client: Pick<Client, 'subscribe'> = {
    subscribe(_patterns, given) {
      handlers = given as unknown as SubscriptionHandlers
      return { close: () => void told.push('closed'), update: patterns => void told.push(patterns) }
    }
  }
  const schedule = (work: () => void) => {
    frame = work
    return () => {
      frame = undefined
    }
  }
  const subscription = subscribePerFrame(
    client,
    ['tel.>'],
    {
      onFrame: (updates, replaced) =>
        void told.push([updates.map(({ subject, seq }) => `${subject}${seq}`).join(' '), replaced]),
      onLive: () => void told.push('live'),
      onOutcome: ({ kind }) => void told.push(kind)
    },
    { schedule, ...options }
  )
  const say = (...updates: readonly Update[]) => {
    for (const one of updates) handlers?.onData(one)
  }
  return {
    subscription,
    told,
    say,
    handlers: () => handlers,
    frame: () => frame?.(),
    waits: () => frame !== undefined
  }
}

t.test('a frame brings the last update of each subject, and how many were replaced', async t => {
  const world = createWorld()
  world.say(update('a', 1), update('b', 2), update('a', 3), update('a', 4))
  t.same(world.told, [], 'nothing before the frame')
  world.frame()
  t.same(world.told, [['b2 a4', 2]])
  t.notOk(world.waits(), 'no frame is asked for while nothing comes')
  world.say(update('b', 5))
  world.frame()
  t.same(world.told[1], ['b5', 0])
})

t.test('all updates come where all are wanted, beyond the bound at once', async t => {
  const world = createWorld({ keep: 'all', maxWaiting: 3 })
  world.say(update('a', 1), update('a', 2), update('a', 3), update('a', 4))
  t.same(world.told, [['a1 a2 a3', 0]])
  world.frame()
  t.same(world.told[1], ['a4', 0])
})

t.test('what a subscription is told comes after the updates ahead of it', async t => {
  const world = createWorld()
  world.say(update('a', 1))
  world.handlers()?.onLive?.()
  world.say(update('a', 2))
  world.handlers()?.onOutcome?.({ kind: 'reset', stream: 'TEL' })
  t.same(world.told, [['a1', 0], 'live', ['a2', 0], 'reset'])
})

t.test('after close() no frame comes', async t => {
  const world = createWorld()
  world.say(update('a', 1))
  world.subscription.update(['evt.>'])
  world.subscription.close()
  world.frame()
  t.same(world.told, [['evt.>'], 'closed'])
})

t.test('without frames, as in Node or a hidden page, a timer hands over', async t => {
  const page = globalThis as { requestAnimationFrame?: unknown; cancelAnimationFrame?: unknown }
  const cancelled = new Set<number>()
  page.requestAnimationFrame = () => 7
  page.cancelAnimationFrame = (frame: number) => {
    cancelled.add(frame)
  }
  t.teardown(() => {
    delete page.requestAnimationFrame
    delete page.cancelAnimationFrame
  })
  await new Promise<void>(resolve => {
    const client = {
      subscribe(_patterns: unknown, handlers: unknown) {
        ;(handlers as SubscriptionHandlers).onData(update('a', 1))
        return { close() {}, update() {} }
      }
    } as Pick<Client, 'subscribe'>
    subscribePerFrame(client, ['a'], { onFrame: () => resolve() }, { hiddenMs: 5 })
  })
  t.same([...cancelled], [7], 'and the frame that never came is given up')
})
