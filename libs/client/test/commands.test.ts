import { type AckRecord, COMMAND_ID } from '@meridian/protocol/commands'
import type { DataRecord, ServerRecord } from '@meridian/protocol/live'
import t from 'tap'
import { createCommands } from '../src/commands.ts'
import { createClient } from '../src/index.ts'
import type { SubscriptionHandlers, Update } from '../src/types.ts'
import {
  ANOTHER_ID,
  acceptedOf,
  ackSubject,
  askToMove,
  MOVE,
  resume,
  setUp,
  stage,
  takeCommand,
  until
} from './asked-commands.ts'
import { createHeldClock } from './held-clock.ts'

t.test('a command that no gateway would take is refused before it is sent', async t => {
  const { server, client } = await setUp(t)
  client.connect()
  const gateway = await server.visitor(1)
  const wrong = { id: 'no-ulid', notAfterSeconds: 3601, csc: 'MT.Mount', index: -1 }
  for (const [property, value] of Object.entries(wrong)) {
    const { accepted, done } = client.command({ ...MOVE, [property]: value })
    await t.rejects(accepted, { code: 'SDK_BAD_COMMAND', facts: { property } })
    await t.rejects(done, { code: 'SDK_BAD_COMMAND' })
  }
  for (const azimuth of [Number.NaN, Number.POSITIVE_INFINITY, 2n ** 64n, Uint8Array.of(1)]) {
    const { accepted } = client.command({ ...MOVE, params: { azimuth } })
    await t.rejects(accepted, { code: 'SDK_BAD_COMMAND', facts: { property: 'params.azimuth' } })
  }
  client.command(MOVE)
  await takeCommand(gateway)
  t.same(gateway.frames.filter(({ op }) => op === 'command').length, 1)
})

t.test('what is no stage of the command is left out, whoever wrote it', async t => {
  const stages: unknown[] = []
  const onStage = (record: AckRecord): void => void stages.push(record)
  const { gateway, handle, command } = await askToMove(t, { onStage })
  const [, , , whole] = stage(command.id, 1, 'complete') as DataRecord
  const junk = [{}, { ...whole, state: 'done' }, { ...whole, time: 'now' }, { ...whole, id: ANOTHER_ID }]
  gateway.say(...junk.map((fields, i): ServerRecord => [1, i + 1, i + 1, fields]))
  gateway.say(stage(command.id, 9, 'complete'))
  t.match(await handle.done, { state: 'complete', time: 9 })
  t.equal(stages.length, 1)
})

t.test(
  'a command is sent once its stages can be heard; each stage comes in order, then the final one',
  async t => {
    const stages: string[] = []
    const onStage = ({ state }: AckRecord): void => void stages.push(state)
    const { gateway, handle, command, patterns, subscription } = await askToMove(t, { onStage })
    t.match(handle.id, new RegExp(COMMAND_ID))
    t.same(patterns, [{ pattern: ackSubject(handle.id), quality: 'all' }])
    t.same(command, { op: 'command', id: handle.id, ...MOVE })
    gateway.say({ op: 'command', id: handle.id, accepted: acceptedOf(handle.id) })
    t.same(await handle.accepted, acceptedOf(handle.id))
    gateway.say(
      stage(handle.id, 1, 'dispatching'),
      stage(handle.id, 2, 'inProgress'),
      stage(handle.id, 3, 'complete')
    )
    t.match(await handle.done, { state: 'complete', time: 3 })
    t.same(stages, ['dispatching', 'inProgress', 'complete'])
    t.equal((await gateway.next('unsubscribe')).id, subscription)
  }
)

t.test('the final state unknown is given as what it is', async t => {
  const { gateway, handle } = await askToMove(t)
  gateway.say(
    { op: 'command', id: handle.id, accepted: acceptedOf(handle.id) },
    stage(handle.id, 9, 'unknown')
  )
  t.equal((await handle.done).state, 'unknown')
})

t.test('a refusal rejects both promises with the code of whoever refused', async t => {
  const { gateway, handle } = await askToMove(t)
  const error = {
    code: 'CMD_OFFLINE',
    message: 'CMD_OFFLINE: silent',
    canRetry: true,
    facts: { silentSeconds: 9 }
  }
  gateway.say({ op: 'command', id: handle.id, error })
  await t.rejects(handle.accepted, error)
  await t.rejects(handle.done, error)
})

t.test('an answer that leaves acceptance open is no refusal: the same id is asked again', async t => {
  const { gateway, handle } = await askToMove(t)
  gateway.say({
    op: 'command',
    id: handle.id,
    error: { code: 'BRK_TIMEOUT', message: 'late', canRetry: true }
  })
  t.equal((await gateway.next('command')).id, handle.id)
  gateway.say({ op: 'command', id: handle.id, accepted: acceptedOf(handle.id) })
  t.match(await handle.accepted, { id: handle.id })
})

t.test('a frame that the gateway itself refuses rejects the command', async t => {
  const { gateway, handle } = await askToMove(t)
  const error = { code: 'GTW_TOO_MANY_COMMANDS', message: 'too many', canRetry: true }
  gateway.say({ op: 'error', id: handle.id, error })
  await t.rejects(handle.accepted, error)
})

t.test('an unanswered command goes out again under the same id after a reconnection', async t => {
  const { server, gateway: first, handle } = await askToMove(t)
  first.cut()
  const second = await server.visitor(2)
  const { subscriptions } = await second.next('resume')
  t.same(subscriptions[0]?.patterns, [{ pattern: ackSubject(handle.id), quality: 'all' }])
  const again = await second.next('command')
  t.equal(again.id, handle.id)
  second.say({ op: 'command', id: handle.id, accepted: { ...acceptedOf(handle.id), duplicate: true } })
  t.equal((await handle.accepted).duplicate, true)
})

t.test('an answered command is never sent again, and its stages go on after a reconnection', async t => {
  const stages: string[] = []
  const onStage = ({ state }: AckRecord): void => void stages.push(state)
  const { server, gateway: first, handle, subscription } = await askToMove(t, { onStage })
  first.say(
    { op: 'command', id: handle.id, accepted: acceptedOf(handle.id) },
    stage(handle.id, 1, 'dispatching')
  )
  await until(() => stages.length === 1)
  first.cut()
  const second = await server.visitor(2)
  await resume(second, subscription, 'resumed', 1)
  second.say({ op: 'topics', topics: [[1, ackSubject(handle.id)]] }, stage(handle.id, 1, 'dispatching'))
  second.say(stage(handle.id, 2, 'inProgress'), stage(handle.id, 3, 'failed'))
  second.say({ op: 'live', id: subscription, cursor: 'c' })
  t.equal((await handle.done).state, 'failed')
  t.same(stages, ['dispatching', 'inProgress', 'failed'])
  t.notOk(second.frames.some(({ op }) => op === 'command'))
})

t.test('an answer that its stages overtook still gives its warning, after the end too', async t => {
  const { gateway, handle, command } = await askToMove(t)
  gateway.say(stage(command.id, 1, 'inProgress'), stage(command.id, 2, 'complete'))
  await handle.done
  const warning = { code: 'CMD_OFFLINE', message: 'CMD_OFFLINE: no heartbeat', canRetry: false }
  gateway.say({ op: 'command', id: command.id, accepted: { ...acceptedOf(command.id), warning } })
  t.match(await handle.accepted, { warning })
})

t.test('a stage says that the command was accepted when the answer was lost', async t => {
  const { gateway, handle } = await askToMove(t)
  gateway.say(stage(handle.id, 4, 'dispatching'))
  t.match(await handle.accepted, { id: handle.id, acceptedAt: 4 })
})

t.test('a command that finds no gateway in its time was not sent, and says so', async t => {
  const client = createClient({ url: 'ws://127.0.0.1:9/live', backoff: { baseMs: 1, capMs: 5 } })
  t.teardown(() => client.close())
  client.connect()
  const handle = client.command({ ...MOVE, notAfterSeconds: 0.05 })
  await t.rejects(handle.accepted, { code: 'SDK_COMMAND_NOT_SENT', canRetry: true, facts: { id: handle.id } })
})

t.test('a command without an answer in its time may have been accepted, and says so', async t => {
  const { server, client } = await setUp(t)
  client.connect()
  const handle = client.command({ ...MOVE, notAfterSeconds: 2 })
  await takeCommand(await server.visitor(1))
  await t.rejects(handle.done, { code: 'SDK_COMMAND_UNANSWERED', canRetry: false })
})

t.test('a hole in the record of stages that no last stage fills is told', async t => {
  const { server, gateway: first, handle, subscription } = await askToMove(t)
  first.say({ op: 'command', id: handle.id, accepted: acceptedOf(handle.id) })
  await handle.accepted
  first.cut()
  const second = await server.visitor(2)
  await resume(second, subscription, { gap: { from: 2, to: 5 } })
  second.say({ op: 'live', id: subscription, cursor: 'c' })
  await t.rejects(handle.done, { code: 'SDK_COMMAND_UNTRACKED', facts: { id: handle.id } })
})

t.test('close() ends what is under way with a code, and nobody has to look at the promises', async t => {
  const { client, handle } = await askToMove(t)
  client.close()
  await t.rejects(handle.done, { code: 'SDK_CLOSED' })
})

t.test('a command leaves no timer behind, after its end or after close()', async t => {
  const held = createHeldClock()
  let listener: SubscriptionHandlers | undefined
  const commands = createCommands({
    clock: held.clock,
    site: () => 'summit',
    active: () => 1,
    send: () => undefined,
    subscribe(_patterns, handlers) {
      listener = handlers
      return { close: () => undefined, update: () => undefined }
    }
  })
  const run = () => {
    const handle = commands.run(MOVE, {})
    listener?.onLive?.()
    return handle
  }
  const end = (id: string): void => {
    const [, , , fields] = stage(id, 1, 'complete') as DataRecord
    listener?.onData({ fields } as Update)
  }
  const answered = run()
  commands.onAnswer({ op: 'command', id: answered.id, accepted: acceptedOf(answered.id) })
  end(answered.id)
  t.equal(held.timers(), 0)
  const overtaken = run()
  end(overtaken.id)
  const open = run()
  t.equal(held.timers(), 2, 'the answer may come behind the end; the other has a deadline')
  commands.closeAll(undefined)
  t.equal(held.timers(), 0)
  t.match(await overtaken.accepted, { state: 'accepted' }, 'its stages said so')
  await t.rejects(open.done, { code: 'SDK_CLOSED' })
})

t.test('a move between gateways asks an unanswered command again on the new one', async t => {
  const { server, gateway: first, handle, subscription } = await askToMove(t)
  first.say({ op: 'reconnect', reason: 'drain', afterMs: 0, deadlineMs: 1000 })
  const second = await server.visitor(2)
  await resume(second, subscription)
  second.say({ op: 'live', id: subscription, cursor: 'c' })
  t.equal((await second.next('command')).id, handle.id)
  t.equal(first.frames.filter(({ op }) => op === 'command').length, 1)
})
