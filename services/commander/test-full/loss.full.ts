import { setTimeout as sleep } from 'node:timers/promises'
import { isTerminal } from '@meridian/protocol/commands'
import { waitFor } from '@meridian/testing'
import t from 'tap'
import { ask, newId, stagesToEnd, startCommandedSite, startComponent } from '../test/harness.ts'

const SHORT = { REPLY_MS: '2000', DRAIN_MS: '6000' }
const { nats, broker, pair, cscs, executionsOf, askUntilAccepted } = await startCommandedSite(t, SHORT)
const move = { csc: 'MTMount', command: 'moveToTarget' }

t.test('a commander killed under load: no command is executed twice, each comes to an end', async t => {
  const ids: string[] = []
  const asked: Promise<void>[] = []
  for (let i = 0; i < 240; i++) {
    const id = newId()
    ids.push(id)
    asked.push(askUntilAccepted(cscs[i % cscs.length] ?? '', id))
    if (i === 120) pair.any().child.kill('SIGKILL')
    await sleep(5)
  }
  await Promise.all(asked)
  const ends = new Map<string, number>()
  for (const id of ids) {
    const state = (await stagesToEnd(broker, id, 20_000)).at(-1)?.state ?? ''
    ends.set(state, (ends.get(state) ?? 0) + 1)
    const executions = executionsOf(id)
    t.ok(executions <= 1, `${id} was executed ${executions} times`)
    if (state === 'complete') t.equal(executions, 1)
  }
  t.comment(Object.fromEntries(ends))
  t.ok((ends.get('complete') ?? 0) >= ids.length - 20, 'all but those on their way at the kill are complete')
  await pair.refill()
})

t.test('the answer to a command whose commander was lost still settles it', async t => {
  const id = newId()
  await ask(broker, move, { id, params: { azimuth: 3_000, elevation: 60 } })
  await waitFor(() => executionsOf(id) === 1, { what: 'it was told' })
  const { owner, otherName } = await pair.ownerOf(id)
  await owner.stop()
  const last = (await stagesToEnd(broker, id, 20_000)).at(-1)
  t.match(last, { state: 'complete', commander: otherName, ack: 303 })
  t.equal(executionsOf(id), 1)
  await pair.refill()
})

t.test('a command whose commander was lost and whose answer nobody heard becomes unknown', async t => {
  const silent = startComponent(broker, 'MTHexapod', 1, () => {})
  t.teardown(() => silent.stop())
  const id = newId()
  const hexapod = { csc: 'MTHexapod', index: 1, command: 'disable' }
  await waitFor(async () => (await ask(broker, hexapod, { id })).state === 'accepted', {
    what: 'the hexapod is heard'
  })
  await waitFor(() => silent.executions.has(id), { what: 'it was told' })
  const { owner, otherName } = await pair.ownerOf(id)
  await owner.stop()
  const stages = await stagesToEnd(broker, id, 20_000)
  t.match(stages, [{ state: 'dispatching' }, { state: 'unknown', commander: otherName }])
  t.equal(silent.executions.get(id), 1, 'it was not told again')
})

t.test(
  'the broker killed and restarted under load: accepted commands end, none is executed twice',
  async t => {
    const ids: string[] = []
    const asked: Promise<void>[] = []
    for (let i = 0; i < 60; i++) {
      const id = newId()
      ids.push(id)
      asked.push(askUntilAccepted(cscs[i % cscs.length] ?? '', id))
      if (i === 30) await nats.restart()
      await sleep(5)
    }
    await Promise.all(asked)
    for (const id of ids) {
      const state = (await stagesToEnd(broker, id, 20_000)).at(-1)?.state
      t.ok(state !== undefined && isTerminal(state))
      t.ok(executionsOf(id) <= 1)
    }
  }
)
