import { append, ensureStreams, lastMessage, streamTable } from '@meridian/broker'
import { ackOf, intakeByIdOf } from '@meridian/subjects'
import { createTestLog, waitFor } from '@meridian/testing'
import { taiSecondsOf } from '@meridian/time'
import t from 'tap'
import { move, startCommanders, states, target } from './commander-world.ts'
import { ask, newId, SITE, stagesToEnd, startComponent } from './harness.ts'

const { broker, commanders } = await startCommanders(t)

t.test('an end that the record refuses whole is stored without its text, and the next ones too', async t => {
  const wordy = startComponent(broker, 'Wordy', 0, (_request, reply) => {
    reply({ ack: 301, timeout: 5, result: 'x'.repeat(1_990) })
    reply({ ack: 303, result: 'y'.repeat(1_990) })
  })
  t.teardown(() => wordy.stop())
  const talk = { csc: 'Wordy', command: 'talk' }
  await waitFor(async () => (await ask(broker, talk)).state === 'accepted', { what: 'it is heard' })
  await limitMessages(1_000)
  const { id = '' } = await ask(broker, talk)
  const stages = await stagesToEnd(broker, id)
  t.same(states(stages), ['dispatching', 'inProgress', 'complete'])
  t.match(stages.slice(1), [
    { ack: 301, timeoutSeconds: 5, result: /refused the text of this stage: BRK_REFUSED/ },
    { ack: 303, result: /refused/ }
  ])
  await limitMessages(-1)
})

t.test('an end that the record refuses altogether is stored once it takes it again', async t => {
  const mute = startComponent(broker, 'Mute', 0, async ({ command }, reply) => {
    if (command === 'talk') await limitMessages(50)
    reply({ ack: 303 })
  })
  t.teardown(() => mute.stop())
  await waitFor(async () => (await ask(broker, { csc: 'Mute', command: 'hear' })).state === 'accepted', {
    what: 'it is heard'
  })
  const before = await givenUp()
  const { id = '' } = await ask(broker, { csc: 'Mute', command: 'talk' })
  await waitFor(async () => (await givenUp()) > before + 1, {
    what: 'its end was refused, with and without text'
  })
  await limitMessages(-1)
  t.same(states(await stagesToEnd(broker, id)), ['dispatching', 'complete'])
})

t.test(
  'an end is stored behind what is no stage, which nobody takes for the word of another commander',
  async t => {
    const slow = startComponent(broker, 'Slow', 0, async ({ id }, reply) => {
      await append(broker, {
        subject: ackOf({ site: SITE, csc: 'Slow', index: 0 }, id),
        data: '{"error":{"code":404}}'
      })
      reply({ ack: 303 })
    })
    t.teardown(() => slow.stop())
    await waitFor(async () => (await ask(broker, { csc: 'Slow', command: 'hear' })).state === 'accepted', {
      what: 'it is heard'
    })
    const { id = '' } = await ask(broker, { csc: 'Slow', command: 'talk' })
    const subject = ackOf({ site: SITE, csc: 'Slow', index: 0 }, id)
    const isComplete = async (): Promise<boolean> => {
      const last = await lastMessage(broker, 'COMMANDS', subject)
      return Buffer.from(last?.data ?? []).includes('"state":"complete"')
    }
    await waitFor(isComplete, { what: 'its end is stored', everyMs: 100 })
  }
)

/** How many writes of stages the commanders gave up. */
async function givenUp(): Promise<number> {
  const pages = await Promise.all(
    commanders.map(async ({ address }) => (await fetch(`${address}/metrics`)).text())
  )
  const counts = pages.map(page =>
    /^meridian_commander_write_failures_total\{[^}]*given up[^}]*\} (\d+)/m.exec(page)
  )
  return counts.reduce((sum, found) => sum + Number(found?.[1] ?? 0), 0)
}

/** Sets how large a message of COMMANDS may be. */
async function limitMessages(bytes: number): Promise<void> {
  const api = async (what: string, data = ''): Promise<{ config: object; error?: object }> =>
    JSON.parse((await broker.request(`$JS.API.STREAM.${what}.COMMANDS`, data, { timeoutMs: 5_000 })).text())
  const { config } = await api('INFO')
  const { error } = await api('UPDATE', JSON.stringify({ ...config, max_msg_size: bytes }))
  if (error !== undefined) throw new Error(JSON.stringify(error))
}

t.test('without its stream a command is refused, not accepted', async t => {
  await broker.request('$JS.API.STREAM.DELETE.COMMANDS', '', { timeoutMs: 5_000 })
  const { error, state } = await ask(broker, move, { params: target })
  t.equal(state, undefined)
  t.match(error, { code: /^BRK_/, canRetry: true })
})

t.test(
  'a command whose asker has given up while the stream was away is not stored when it is back',
  async t => {
    const id = newId()
    const acceptBy = taiSecondsOf(Date.now()) + 1
    const refused = ask(broker, { csc: 'MTMount', command: 'stop' }, { id, acceptBy })
    await waitFor(() => taiSecondsOf(Date.now()) > acceptBy + 0.5, { what: 'the asker gives up' })
    await ensureStreams(broker, streamTable(SITE, 'laptop'), createTestLog())
    t.match((await refused).error, { canRetry: true })
    t.equal(await lastMessage(broker, 'COMMANDS', intakeByIdOf(SITE, id)), undefined)
  }
)
