import { startTestSite } from '@meridian/broker/testing'
import { waitFor } from '@meridian/testing'
import t from 'tap'
import { ask, stagesToEnd, startCommander, startComponent } from './harness.ts'

const { nats, broker, stop } = await startTestSite()
t.teardown(stop)
const commander = await startCommander(nats, { MAX_OPEN: '1' })
t.teardown(() => commander.stop())

t.test('a stop goes out while so many commands are open that any other is refused', async t => {
  const mount = startComponent(broker, 'MTMount', 0, ({ command }, reply) =>
    reply(command === 'stop' ? { ack: 303 } : { ack: 301, timeout: 30 })
  )
  t.teardown(() => mount.stop())
  const move = { csc: 'MTMount', command: 'moveToTarget' }
  const refused = await waitFor(
    async () => {
      const { error } = await ask(broker, move)
      return error?.code === 'CMD_OVERLOAD' ? error : undefined
    },
    { what: 'a command is open', timeoutMs: 20_000 }
  )
  t.match(refused, { canRetry: true, facts: { limit: 1, retryAfterSeconds: 1 } })
  const { id = '', warning } = await ask(broker, { csc: 'MTMount', command: 'stop' })
  t.match(warning, { code: 'CMD_OVERLOAD' })
  t.equal((await stagesToEnd(broker, id)).at(-1)?.state, 'complete')
})
