import t from 'tap'
import { createBatching } from './batching.ts'
import { createSendWindow } from './send-window.ts'
import { createSpool, type SpooledMessage } from './spool.ts'
import { BATCH_PAUSE_MS } from './timing.ts'

const idsOf = (messages: readonly SpooledMessage[] | undefined) => messages?.map(({ id }) => id)

function setUp({ room = 100, bytes = 10 } = {}) {
  const clock = { ms: 0 }
  const counts = { batches: 0, splitBatches: 0 }
  const spool = createSpool()
  const window = createSendWindow(room)
  const batching = createBatching({ spool, window, counts, nowMs: () => clock.ms })
  let n = 0
  return {
    clock,
    counts,
    spool,
    window,
    batching,
    push(subject: string, count: number) {
      const queue = spool.queueOf(subject, 'telemetry')
      for (let i = 0; i < count; i++) spool.push(queue, new Uint8Array(bytes), `${subject}${++n}`)
    },
    /** Takes the next of a subject as the publisher does. */
    send(subject: string): SpooledMessage {
      const message = spool.shift(spool.queueOf(subject, 'telemetry')) as SpooledMessage
      batching.take(message)
      window.add(message)
      return message
    },
    settle(message: SpooledMessage) {
      window.remove(message)
      for (const one of [message, ...(message.along ?? [])]) spool.release(one)
    }
  }
}

/** The same where the stream has said that it takes batches. */
function setUpTaken(options = {}) {
  const world = setUp(options)
  world.push('asking', 2)
  const question = world.send('asking')
  world.batching.stored()
  world.settle(question)
  return world
}

t.test('the first of a backlog asks alone, and nothing else asks meanwhile', async t => {
  const { push, send, batching } = setUp()
  push('a', 3)
  push('b', 1)
  push('c', 3)
  t.same(idsOf(send('a').along), [])
  t.equal(send('b').along, undefined, 'no backlog')
  t.equal(send('c').along, undefined)
  batching.stored()
  t.same(idsOf(send('a').along), ['a3'])
})

t.test('who takes no batches is asked again after a time, and at once on another connection', async t => {
  const { push, send, batching, clock } = setUp()
  push('a', 9)
  batching.failed(send('a'))
  t.equal(send('a').along, undefined)
  clock.ms = BATCH_PAUSE_MS - 1
  t.equal(send('a').along, undefined)
  clock.ms = BATCH_PAUSE_MS
  batching.failed(send('a'))
  batching.forget()
  t.same(idsOf(send('a').along), [])
})

t.test('a batch is bounded in messages, in bytes and by the room of the window', async t => {
  const many = setUpTaken()
  many.push('a', 100)
  t.equal(many.send('a').along?.length, 63)
  t.equal(many.window.room(), 36)
  t.equal(many.send('a').along?.length, 35)
  t.equal(many.window.room(), 0)
  const large = setUpTaken({ bytes: 100_000 })
  large.push('a', 3)
  t.equal(large.send('a').along?.length, 1)
})

t.test('a batch that fails goes one by one in its order, and the next backlog asks first', async t => {
  const { push, send, batching, spool, window, counts } = setUpTaken()
  push('a', 4)
  const first = send('a')
  const { ticket } = first
  push('a', 2)
  batching.failed(first)
  t.equal(first.along, undefined)
  t.equal(window.find(ticket), undefined, 'its answer is nobody’s')
  t.equal(window.find(first.ticket), first)
  t.equal(window.room(), 99)
  const rest = [send('a'), send('a'), send('a'), send('a')]
  t.same(
    [first, ...rest].map(({ id }) => id),
    ['a3', 'a4', 'a5', 'a6', 'a7']
  )
  t.same(
    rest.map(({ along }) => along?.length),
    [undefined, undefined, undefined, 0]
  )
  t.same(counts, { batches: 1, splitBatches: 1 })
  t.equal(spool.messages(), 6 + 1)
})

t.test('batches in flight are split when the connection is lost, and may be dropped again', async t => {
  const { push, send, batching, spool } = setUpTaken()
  push('a', 3)
  push('b', 3)
  const [a, b] = [send('a'), send('b')]
  batching.forget()
  t.same([a.along, b.along], [undefined, undefined])
  const dropped: (string | undefined)[] = []
  for (let i = 0; i < 5; i++) dropped.push(spool.dropOldest('telemetry')?.id)
  t.same(dropped.slice(0, 4).sort(), ['a4', 'a5', 'b7', 'b8'])
})
