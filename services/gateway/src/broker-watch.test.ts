import { createTestLog, waitFor } from '@meridian/testing'
import t, { type Test } from 'tap'
import { type BrokerAnswer, watchBroker } from './broker-watch.ts'

/** A connection that answers when it is told to. */
function setUp(t: Test) {
  let state: 'connected' | 'disconnected' = 'connected'
  let onState = (): void => {}
  const asked: { readonly resolve: () => void; readonly reject: (err: Error) => void }[] = []
  const told: BrokerAnswer[] = []
  const watch = watchBroker({
    broker: {
      state: () => state,
      onState(listener) {
        onState = () => listener(state)
        return () => {}
      },
      flush: () => new Promise((resolve, reject) => asked.push({ resolve, reject }))
    },
    log: createTestLog(),
    onChange: answer => void told.push(answer),
    lateMs: 20
  })
  t.teardown(watch.stop)
  const become = (next: typeof state): void => {
    state = next
    onState()
  }
  const isAsked = (count: number) => waitFor(() => asked.length >= count, { what: `question ${count}` })
  return { asked, told, watch, become, isAsked }
}

t.test(
  'a broker that hangs until its connection is given up and comes back is one loss and one return',
  async t => {
    const { asked, told, become, isAsked } = setUp(t)
    await isAsked(1)
    await waitFor(() => told.length === 1, { what: 'the loss' })
    // As the client does: what waits fails first, the state changes in a later turn.
    asked[0]?.reject(new Error('stale connection'))
    await new Promise(resolve => setImmediate(resolve))
    t.same(told, ['lost'], 'a question that fails is no answer')
    become('disconnected')
    become('connected')
    t.same(told, ['lost', 'connected'])
  }
)

t.test('a broker that answers late is back with its answer', async t => {
  const { asked, told, watch, isAsked } = setUp(t)
  await isAsked(1)
  await waitFor(() => told.length === 1, { what: 'the loss' })
  t.ok(watch.answerSeconds() >= 0.02)
  asked[0]?.resolve()
  await waitFor(() => told.length === 2, { what: 'the return' })
  t.same(told, ['lost', 'connected'])
  t.equal(watch.state(), 'connected')
})
