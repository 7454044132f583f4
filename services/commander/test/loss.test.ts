import { setTimeout as sleep } from 'node:timers/promises'
import { isTerminal } from '@meridian/protocol'
import { waitFor } from '@meridian/testing'
import t from 'tap'
import {
  type Answer,
  ask,
  newId,
  stagesOf,
  stagesToEnd,
  startCommander,
  startComponent,
  startObservatory
} from './harness.ts'

t.setTimeout(60_000)
const { nats, broker, stop } = await startObservatory()
t.teardown(stop)
const SHORT = { REPLY_MS: '2000', DRAIN_MS: '6000' }
const move = { csc: 'MTMount', command: 'moveToTarget' }
const target = { azimuth: 10, elevation: 60 }

// Components of several lanes, each answering after some milliseconds.
const cscs = ['MTMount', 'ATMCS', 'MTRotator', 'MTDome', 'ATDome', 'MTPtg']
const components = cscs.map(csc =>
  startComponent(broker, csc, 0, ({ params }, reply) => {
    const seconds = Number(params['azimuth'] ?? 0)
    if (seconds >= 1_000) reply({ ack: 301, timeout: 20 })
    setTimeout(() => reply({ ack: 303, result: 'Done' }), seconds >= 1_000 ? seconds : 5 + Math.random() * 30)
  })
)
t.teardown(() => {
  for (const component of components) component.stop()
})
const executionsOf = (id: string): number =>
  components.reduce((sum, { executions }) => sum + (executions.get(id) ?? 0), 0)

/** Asks again under the same id until a commander has answered, as a client does. */
async function askUntilAccepted(csc: string, id: string): Promise<void> {
  for (;;) {
    const answer: Answer = await ask(broker, { csc, command: 'disable' }, { id }).catch(() => ({}))
    if (answer.state === 'accepted') return
    if (answer.error !== undefined && !answer.error.canRetry) throw new Error(answer.error.message)
    await sleep(20)
  }
}

async function heard(): Promise<void> {
  for (const csc of cscs)
    await waitFor(async () => (await ask(broker, { csc, command: 'disable' })).state === 'accepted', {
      what: `${csc} is heard`
    })
}

t.test('a commander killed under load: no command is executed twice, each comes to an end', async t => {
  const [first, second] = await Promise.all([
    startCommander(nats, { ...SHORT, NAME: 'first' }),
    startCommander(nats, { ...SHORT, NAME: 'second' })
  ])
  t.teardown(() => Promise.all([first.stop(), second.stop()]))
  await heard()
  const ids: string[] = []
  const asked: Promise<void>[] = []
  for (let i = 0; i < 240; i++) {
    const id = newId()
    ids.push(id)
    asked.push(askUntilAccepted(cscs[i % cscs.length] ?? '', id))
    if (i === 120) first.child.kill('SIGKILL')
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
  await second.stop()
})

t.test('the answer to a command whose commander was lost still settles it', async t => {
  const owner = await startCommander(nats, { ...SHORT, NAME: 'owner' })
  t.teardown(() => owner.stop())
  await heard()
  const id = newId()
  await ask(broker, move, { id, params: { azimuth: 7_000, elevation: 60 } })
  await waitFor(async () => (await stagesOf(broker, id)).at(-1)?.state === 'inProgress', {
    what: 'the move runs'
  })
  const heir = await startCommander(nats, { ...SHORT, NAME: 'heir' })
  t.teardown(() => heir.stop())
  await owner.stop()
  const last = (await stagesToEnd(broker, id, 20_000)).at(-1)
  t.match(last, { state: 'complete', commander: 'heir', ack: 303 })
  t.equal(executionsOf(id), 1)
  await heir.stop()
})

t.test('a command whose commander was lost and whose answer nobody heard becomes unknown', async t => {
  const silent = startComponent(broker, 'MTHexapod', 1, () => {})
  t.teardown(() => silent.stop())
  const owner = await startCommander(nats, { ...SHORT, NAME: 'owner' })
  t.teardown(() => owner.stop())
  const id = newId()
  const hexapod = { csc: 'MTHexapod', index: 1, command: 'disable' }
  await waitFor(async () => (await ask(broker, hexapod, { id })).state === 'accepted', {
    what: 'the hexapod is heard'
  })
  await waitFor(() => silent.executions.has(id), { what: 'it was told' })
  await owner.stop()
  const heir = await startCommander(nats, { ...SHORT, NAME: 'heir' })
  t.teardown(() => heir.stop())
  const stages = await stagesToEnd(broker, id, 20_000)
  t.match(stages, [
    { state: 'dispatching', commander: 'owner' },
    { state: 'unknown', commander: 'heir' }
  ])
  t.equal(silent.executions.get(id), 1, 'it was not told again')
  await heir.stop()
})

t.test('SIGTERM: what was asked is answered, what runs is followed to its end, exit 0', async t => {
  const leaving = await startCommander(nats, { ...SHORT, NAME: 'leaving' })
  t.teardown(() => leaving.stop())
  await heard()
  const running = newId()
  await ask(broker, move, { id: running, params: { azimuth: 1_500, elevation: 60 } })
  const staying = await startCommander(nats, { ...SHORT, NAME: 'staying' })
  t.teardown(() => staying.stop())
  const ids = Array.from({ length: 100 }, newId)
  const asked = ids.map(id => ask(broker, { csc: 'ATDome', command: 'disable' }, { id }))
  leaving.child.kill('SIGTERM')
  const answers = await Promise.all(asked)
  t.ok(
    answers.every(({ state }) => state === 'accepted'),
    'nothing is refused or lost'
  )
  t.equal(await leaving.gone, 0)
  const states = await Promise.all(ids.map(async id => (await stagesToEnd(broker, id)).at(-1)?.state))
  t.ok(states.every(state => state === 'complete'))
  t.match((await stagesOf(broker, running)).at(-1), { state: 'complete', commander: 'leaving' })
  await staying.stop()
})

t.test('SIGTERM with a command that runs too long: it is left open, said so, and adopted', async t => {
  const leaving = await startCommander(nats, { ...SHORT, DRAIN_MS: '1500', NAME: 'leaving' })
  t.teardown(() => leaving.stop())
  await heard()
  const id = newId()
  await ask(broker, move, { id, params: { azimuth: 7_000, elevation: 60 } })
  await waitFor(async () => (await stagesOf(broker, id)).at(-1)?.state === 'inProgress', {
    what: 'the move runs'
  })
  const staying = await startCommander(nats, { ...SHORT, NAME: 'staying' })
  t.teardown(() => staying.stop())
  leaving.child.kill('SIGTERM')
  t.equal(await leaving.gone, 0)
  t.ok(leaving.lines.some(line => line.includes('left open') && line.includes(id)))
  t.match((await stagesToEnd(broker, id)).at(-1), { state: 'complete', commander: 'staying' })
  await staying.stop()
})

t.test(
  'beyond the limit of open commands the answer is overload, and the same id succeeds later',
  async t => {
    const narrow = await startCommander(nats, { ...SHORT, NAME: 'narrow', MAX_OPEN: '10' })
    t.teardown(() => narrow.stop())
    await heard()
    const ids = Array.from({ length: 60 }, newId)
    const answers = await Promise.all(
      ids.map(id => ask(broker, { csc: 'MTPtg', command: 'disable' }, { id }))
    )
    const refused = answers.filter(({ error }) => error?.code === 'CMD_OVERLOAD')
    t.ok(refused.length > 0 && refused.length < 60, `${refused.length} of 60 refused`)
    t.match(refused[0]?.error, { canRetry: true, facts: { limit: 10, retryAfterSeconds: 1 } })
    await Promise.all(ids.map(id => askUntilAccepted('MTPtg', id)))
    for (const id of ids) {
      t.equal((await stagesToEnd(broker, id)).at(-1)?.state, 'complete')
      t.equal(executionsOf(id), 1)
    }
    await narrow.stop()
  }
)

t.test(
  'the broker killed and restarted under load: accepted commands end, none is executed twice',
  async t => {
    const commander = await startCommander(nats, { ...SHORT, NAME: 'steady' })
    t.teardown(() => commander.stop())
    await heard()
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
    await commander.stop()
  }
)
