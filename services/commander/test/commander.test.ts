import { append, lastMessage, type StreamMessage, streamState } from '@meridian/broker'
import { type AckRecord, parseIntakeRecord } from '@meridian/protocol/commands'
import { commandOf, everythingBelow, intakeByIdOf } from '@meridian/subjects'
import { waitFor } from '@meridian/testing'
import { taiSecondsOf } from '@meridian/time'
import t from 'tap'
import { move, startCommanders, states, target } from './commander-world.ts'
import { type Answer, ask, askForAll, newId, SITE, stagesOf, stagesToEnd, startComponent } from './harness.ts'
import { wrongCommands } from './wrong-commands.ts'

const { broker, commanders, mount } = await startCommanders(t)

t.test('each wrong request has its own coded answer and leaves nothing on the record', async t => {
  const before = await streamState(broker, 'COMMANDS')
  for (const [whom, payload, code] of wrongCommands) {
    const { error } = await ask(broker, whom, payload)
    t.equal(error?.code, code, `${whom.csc}.${whom.command}: ${error?.message}`)
    t.match(error?.message, new RegExp(`^${code}: `))
  }
  const answer = await broker.request(`cmd.${SITE}.MTMount.zero.stop`, '', { timeoutMs: 2_000 })
  t.match(JSON.parse(answer.text()), { error: { code: 'CMD_BAD_REQUEST' } })
  t.equal((await streamState(broker, 'COMMANDS')).lastSeq, before.lastSeq)
})

t.test('a bad parameter is named with what was expected', async t => {
  const { error } = await ask(broker, move, { params: { azimuth: 'ten', speed: 1 } })
  t.match(error?.facts, {
    problems: [
      { parameter: 'azimuth', expected: /double/, got: "'ten'" },
      { parameter: 'speed', expected: /one of azimuth, elevation/ }
    ]
  })
})

t.test('a command is answered only after it is on the record', async t => {
  const id = newId()
  const answer = await ask(broker, move, { id, params: target, principal: 'ada', door: 'test' })
  const stored = await lastMessage(broker, 'COMMANDS', intakeByIdOf(SITE, id))
  const intake = parseIntakeRecord(stored as StreamMessage)
  t.match(intake, { id, csc: 'MTMount', index: 0, params: target, principal: 'ada', door: 'test' })
  t.match(answer, { id, state: 'accepted', duplicate: false, ackSubject: `ack.${SITE}.MTMount.0.${id}` })
  t.equal(answer.acceptedAt, intake.acceptedAt)
  t.ok(Math.abs(intake.notAfter - intake.acceptedAt - 10) < 1e-6, 'ten seconds by default')
})

t.test('parameters that are left out get the default of SAL, and the answer says so', async t => {
  const { id = '', defaults } = await ask(broker, move, { params: { azimuth: 1 } })
  t.same(defaults, ['elevation'])
  const stored = await lastMessage(broker, 'COMMANDS', intakeByIdOf(SITE, id))
  t.match(JSON.parse(new TextDecoder().decode(stored?.data)), { params: { azimuth: 1, elevation: 0 } })
})

t.test('the stages of a command come in order, on the record and on the reply subject', async t => {
  const id = newId()
  const { messages } = askForAll(broker, 'MTMount', 'moveToTarget', { id, params: target })
  const stages = await stagesToEnd(broker, id)
  t.same(states(stages), ['dispatching', 'inProgress', 'complete'])
  t.match(stages, [{ commander: /one|two/ }, { ack: 301, timeoutSeconds: 5 }, { ack: 303, result: 'Done' }])
  await waitFor(() => messages.length >= 5, { what: 'all replies' })
  t.equal(messages.pop(), 'no more')
  t.same(states(messages as AckRecord[]), ['accepted', 'dispatching', 'inProgress', 'complete'])
  t.equal(mount.executions.get(id), 1)
})

t.test('what asks for no answer at an inbox is no command', async t => {
  const subject = commandOf({ site: SITE, csc: 'MTMount', index: 0 }, 'stop')
  const taken: string[] = []
  broker.subscribe(everythingBelow('intake', { site: SITE }), message => taken.push(message.subject))
  let answers = 0
  const reply = `gw.${SITE}.test`
  broker.subscribe(reply, () => answers++)
  // As JetStream answers `nothing` to a reply subject that somebody chose.
  broker.publish(subject, '')
  broker.publish(subject, '{}', { reply })
  // A command that is one comes behind them.
  const { id = '' } = await ask(broker, move, { params: target })
  await stagesToEnd(broker, id)
  t.equal(taken.length, 1)
  t.ok(taken[0]?.endsWith(id))
  t.equal(answers, 0)
})

t.test('the same id again is the same command; with other content it is refused', async t => {
  const id = newId()
  const first = await ask(broker, move, { id, params: target })
  const again = await ask(broker, move, { id, params: { elevation: 60, azimuth: 10 } })
  t.same(again, { ...first, duplicate: true })
  const others: Answer[] = [
    await ask(broker, move, { id, params: { azimuth: 11, elevation: 60 } }),
    await ask(broker, { csc: 'MTMount', command: 'stop' }, { id }),
    await ask(broker, move, { id, params: target, principal: 'eve' })
  ]
  for (const { error } of others) t.equal(error?.code, 'CMD_DUPLICATE_ID')
  await stagesToEnd(broker, id)
  t.equal(mount.executions.get(id), 1)
})

t.test('a hundred requests with one id at once are one command', async t => {
  const id = newId()
  const answers = await Promise.all(
    Array.from({ length: 100 }, () => ask(broker, move, { id, params: target }))
  )
  t.equal(answers.filter(({ state }) => state === 'accepted').length, 100)
  t.equal(answers.filter(({ duplicate }) => duplicate === false).length, 1)
  await stagesToEnd(broker, id)
  t.equal(mount.executions.get(id), 1)
})

t.test('a repeated request sees the stages that were', async t => {
  const id = newId()
  await ask(broker, move, { id, params: target })
  await stagesToEnd(broker, id)
  const { messages } = askForAll(broker, 'MTMount', 'moveToTarget', { id, params: target })
  await waitFor(() => messages.length >= 5, { what: 'all replies' })
  t.equal(messages.pop(), 'no more')
  t.same(states(messages as AckRecord[]), ['accepted', 'dispatching', 'inProgress', 'complete'])
})

t.test('however often a running command is repeated, its stages go to few of the askers', async t => {
  const id = newId()
  const long = { id, params: { azimuth: 100, elevation: 60 } }
  await ask(broker, move, { ...long, stages: false })
  await waitFor(async () => states(await stagesOf(broker, id)).includes('inProgress'), { what: 'it runs' })
  const askers = Array.from({ length: 40 }, () => askForAll(broker, 'MTMount', 'moveToTarget', long))
  const quiet = askForAll(broker, 'MTMount', 'moveToTarget', { ...long, stages: false })
  await stagesToEnd(broker, id)
  const isTold = ({ messages }: { messages: unknown[] }): boolean => messages.at(-1) === 'no more'
  await waitFor(() => askers.every(one => isTold(one) || isAnsweredAlone(one.messages)), {
    what: 'every asker has its answer, and some the stages',
    timeoutMs: 20_000
  })
  const told = askers.filter(isTold)
  t.ok(told.length >= 8 && told.length <= 16, `8 of each of two commanders at most: ${told.length}`)
  t.equal(quiet.messages.length, 1, 'who wants no stages gets the answer alone')
})

/** The answer says that the stages will not come. */
const isAnsweredAlone = (messages: readonly unknown[]): boolean =>
  messages.length === 1 && (messages[0] as Answer).stages === false

t.test('a stop overtakes a running move', async t => {
  const moving = await ask(broker, move, { params: { azimuth: 300, elevation: 60 } })
  await waitFor(async () => states(await stagesOf(broker, moving.id ?? '')).includes('inProgress'), {
    what: 'the move runs'
  })
  const stopping = await ask(broker, { csc: 'MTMount', command: 'stop' })
  const stopped = await stagesToEnd(broker, stopping.id ?? '')
  t.same(states(stopped), ['dispatching', 'complete'])
  const moved = (await stagesToEnd(broker, moving.id ?? '')).at(-1)
  t.equal(moved?.state, 'complete')
  t.ok(Number(stopped.at(-1)?.time) < Number(moved?.time), 'the move still ran')
})

t.test('commands of one component are dispatched in the order of acceptance', async t => {
  const before = mount.order.length
  const wanted: string[] = []
  let last = ''
  for (let i = 0; i < 40; i++) {
    const command = i % 2 === 0 ? 'stop' : 'moveToTarget'
    wanted.push(command)
    last =
      (
        await ask(
          broker,
          { csc: 'MTMount', command },
          { params: command === 'stop' ? {} : { ...target, azimuth: 0 } }
        )
      ).id ?? ''
  }
  await stagesToEnd(broker, last)
  t.same(mount.order.slice(before), wanted)
})

t.test('a commander that reads a request after acceptBy accepts nothing', async t => {
  const now = taiSecondsOf(Date.now())
  const id = newId()
  t.match(await ask(broker, move, { id, params: target, acceptBy: now - 0.5 }), {
    error: { code: 'CMD_TOO_LATE', canRetry: true }
  })
  t.match(await ask(broker, { csc: 'MTMount', command: 'stop' }, { acceptBy: now - 0.5 }), {
    error: { code: 'CMD_TOO_LATE' }
  })
  t.equal(await lastMessage(broker, 'COMMANDS', intakeByIdOf(SITE, id)), undefined)
  t.equal((await ask(broker, move, { id, params: target, acceptBy: now + 20 })).state, 'accepted')
  const again = await ask(broker, move, { id, params: target, acceptBy: now - 0.5 })
  t.match(again, { state: 'accepted', duplicate: true }, 'a repeated one was accepted before')
  await stagesToEnd(broker, id)
})

t.test('past notAfter a command expires and nothing is sent', async t => {
  // A dispatch within the millisecond of the acceptance is in time.
  const id = await waitFor(
    async () => {
      const { id = '' } = await ask(broker, move, { params: target, notAfterSeconds: 1e-9 })
      return states(await stagesToEnd(broker, id)).join() === 'expired' ? id : undefined
    },
    { what: 'one that expires' }
  )
  t.notOk(mount.executions.has(id))
})

t.test(
  'a command that another commander had dispatched is never sent again, and ends as unknown',
  async t => {
    const id = newId()
    const ghost: AckRecord = {
      id,
      csc: 'MTMount',
      index: 0,
      command: 'moveToTarget',
      state: 'dispatching',
      time: taiSecondsOf(Date.now()),
      commander: 'ghost',
      boot: 'gone'
    }
    await append(broker, { subject: `ack.${SITE}.MTMount.0.${id}`, data: JSON.stringify(ghost) })
    t.equal((await ask(broker, move, { id, params: target })).state, 'accepted')
    const stages = await stagesToEnd(broker, id, 20_000)
    t.match(stages, [{ commander: 'ghost' }, { state: 'unknown', commander: /one|two/ }])
    t.notOk(mount.executions.has(id))
  }
)

t.test('a failure of the component is told in its own words', async t => {
  const { id = '' } = await ask(broker, { csc: 'MTMount', command: 'enable' })
  t.match((await stagesToEnd(broker, id)).at(-1), {
    state: 'failed',
    ack: -302,
    error: 1,
    result: /enable not allowed/
  })
})

t.test('what is asked again and again is told once, however often', async t => {
  const id = newId()
  const again = (command: string): Promise<unknown>[] =>
    Array.from({ length: 10 }, () => ask(broker, { csc: 'MTMount', command }, { id, principal: 'somebody' }))
  await ask(broker, { csc: 'MTMount', command: 'stop' }, { id, principal: 'somebody' })
  await Promise.all(again('stop'))
  await Promise.all(again('noSuchCommand'))
  const told = (...words: string[]): number[] =>
    commanders.map(({ lines }) => lines.filter(line => words.every(word => line.includes(word))).length)
  const repeated = (): number[] => told('command repeated', 'somebody')
  await waitFor(() => repeated().some(count => count > 0), { what: 'a repetition is told' })
  for (const count of [...repeated(), ...told('CMD_UNKNOWN_COMMAND')]) t.ok(count <= 1, `${count} lines`)
})

t.test('answers that are no acknowledgements are ignored, and counted', async t => {
  const rubbish = startComponent(broker, 'MTRotator', 0, (request, reply) => {
    reply('what?' as never)
    reply({ ack: 12_345 })
    reply({ ack: 'yes' } as never)
    if (request.command === 'stop') reply({ ack: -303, result: 'superseded' })
    reply({ ack: 303 })
  })
  t.teardown(() => rubbish.stop())
  const { id = '' } = await waitFor(
    async () => {
      const answer = await ask(broker, { csc: 'MTRotator', command: 'stop' })
      return answer.state === 'accepted' ? answer : undefined
    },
    { what: 'the rotator is heard' }
  )
  const stages = await stagesToEnd(broker, id)
  t.same(states(stages), ['dispatching', 'aborted'], 'what comes after the end is not written')
})

t.test(
  'junk on the subjects of the record, of peers and of heartbeats stops neither commander nor any partition',
  async t => {
    const named = { csc: 'MTMount', index: 0, command: 'stop' }
    const junkOf = (subject: string, record: object): Promise<unknown> =>
      append(broker, { subject, data: JSON.stringify(record) })
    const stage = { ...named, state: 'inProgress', commander: 'c', boot: 'nobody', time: 1 }
    await junkOf(`ack.${SITE}.MTMount.0.${newId()}`, { ...stage, id: 'a b', csc: 'a b' })
    for (let partition = 0; partition < 8; partition++)
      await junkOf(`intake.${SITE}.${partition}.MTMount.0.${newId()}`, {
        ...{ ...named, id: newId(), csc: 'a b', params: {}, acceptedAt: 1 },
        notAfter: taiSecondsOf(Date.now()) + 60
      })
    for (const subject of [`cmdr.${SITE}.alive`, `hb.${SITE}.MTMount.zero`]) broker.publish(subject, 'null')

    // An orphan is adopted after five seconds of silence: once this one was, the junk before it has had its
    // turn.
    const orphan = newId()
    await junkOf(`ack.${SITE}.MTMount.0.${orphan}`, { ...stage, id: orphan })
    t.equal((await stagesToEnd(broker, orphan, 30_000)).at(-1)?.state, 'unknown')
    for (const { child, lines } of commanders) {
      t.equal(child.exitCode, null, 'lives')
      t.notOk(
        lines.find(line => line.includes('callback failed') || line.includes('partition message failed'))
      )
      t.ok(lines.filter(line => line.includes('accepted command cannot be read')).length <= 1, 'told once')
    }
    const { id = '' } = await ask(broker, { csc: 'MTMount', command: 'stop' })
    t.same(states(await stagesToEnd(broker, id)), ['dispatching', 'complete'])
  }
)
