import {
  append,
  ensureStreams,
  lastMessage,
  readStream,
  type StreamMessage,
  streamState,
  streamTable
} from '@meridian/broker'
import { startTestSite } from '@meridian/broker/testing'
import { decodeFields } from '@meridian/msgpack'
import { type AckRecord, parseIntakeRecord } from '@meridian/protocol/commands'
import { decodeSample } from '@meridian/sample'
import { intakeByIdOf } from '@meridian/subjects'
import { createTestLog, waitFor } from '@meridian/testing'
import { taiSecondsOf } from '@meridian/time'
import t from 'tap'
import {
  type Answer,
  ask,
  askForAll,
  newId,
  SITE,
  stagesOf,
  stagesToEnd,
  startCommander,
  startComponent
} from './harness.ts'

const { nats, broker, stop } = await startTestSite()
t.teardown(stop)
const commanders = await Promise.all([
  startCommander(nats, { NAME: 'one', REPLY_MS: '1000' }),
  startCommander(nats, { NAME: 'two', REPLY_MS: '1000' })
])
t.teardown(() => Promise.all(commanders.map(one => one.stop())))

const mount = startComponent(broker, 'MTMount', 0, ({ command, params }, reply) => {
  if (command === 'openMirrorCovers') return
  if (command === 'stop') reply({ ack: 303, result: 'Done' })
  else if (command === 'homeBothAxes') {
    reply({ ack: 301, timeout: 0.1 })
  } else if (command === 'moveToTarget') {
    reply({ ack: 301, timeout: 5 })
    setTimeout(() => reply({ ack: 303, result: 'Done' }), Number(params['azimuth']) * 10)
  } else reply({ ack: -302, error: 1, result: `Failed: ${command} not allowed` })
})
t.teardown(() => mount.stop())
const states = (stages: readonly AckRecord[]): string[] => stages.map(({ state }) => state)
const move = { csc: 'MTMount', command: 'moveToTarget' }
const target = { azimuth: 10, elevation: 60 }

const heard = await waitFor(
  async () => {
    const answer = await ask(broker, { csc: 'MTMount', command: 'stop' })
    return answer.state === 'accepted' ? answer : undefined
  },
  { what: 'the mount is heard' }
)
await stagesToEnd(broker, heard.id ?? '')

t.test('each wrong request has its own coded answer and leaves nothing on the record', async t => {
  const cases: [Parameters<typeof ask>[1], object | string, string][] = [
    [{ csc: 'Nope', command: 'start' }, {}, 'CMD_UNKNOWN_COMPONENT'],
    [{ csc: 'mtmount', command: 'start' }, {}, 'CMD_UNKNOWN_COMPONENT'],
    [{ csc: 'MTMount', index: 7, command: 'start' }, {}, 'CMD_UNKNOWN_INSTANCE'],
    [{ csc: 'MTMount', command: 'explode' }, {}, 'CMD_UNKNOWN_COMMAND'],
    [move, { params: { azimuth: 'ten' } }, 'CMD_BAD_PARAMETER'],
    [move, { params: { ...target, speed: 1 } }, 'CMD_BAD_PARAMETER'],
    [{ csc: 'MTDome', command: 'park' }, {}, 'CMD_OFFLINE'],
    [move, target, 'CMD_BAD_REQUEST'],
    [move, '{"params":', 'CMD_BAD_REQUEST'],
    [move, '[]', 'CMD_BAD_REQUEST'],
    [move, { params: [] }, 'CMD_BAD_REQUEST'],
    [move, { params: target, notAfterSeconds: -1 }, 'CMD_BAD_REQUEST'],
    [move, { params: { azimuth: 'x'.repeat(70_000) } }, 'CMD_TOO_LARGE'],
    [move, { params: target, id: 'no-ulid' }, 'CMD_BAD_ID']
  ]
  const before = await streamState(broker, 'COMMANDS')
  for (const [whom, payload, code] of cases) {
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
  const moving = await ask(broker, move, { params: { azimuth: 100, elevation: 60 } })
  await waitFor(async () => states(await stagesOf(broker, moving.id ?? '')).includes('inProgress'), {
    what: 'the move runs'
  })
  const stopping = await ask(broker, { csc: 'MTMount', command: 'stop' })
  t.same(states(await stagesToEnd(broker, stopping.id ?? '')), ['dispatching', 'complete'])
  t.same(
    states(await stagesOf(broker, moving.id ?? '')),
    ['dispatching', 'inProgress'],
    'the move still runs'
  )
  t.equal((await stagesToEnd(broker, moving.id ?? '')).at(-1)?.state, 'complete')
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

t.test(
  'a component that answers nothing is noack after its time, one that fell silent is timeout',
  async t => {
    const [silent, stuck] = await Promise.all([
      ask(broker, { csc: 'MTMount', command: 'openMirrorCovers' }, { params: {} }),
      ask(broker, { csc: 'MTMount', command: 'homeBothAxes' })
    ])
    t.same(states(await stagesToEnd(broker, silent.id ?? '')), ['dispatching', 'noack'])
    const stages = await stagesToEnd(broker, stuck.id ?? '')
    t.same(states(stages), ['dispatching', 'inProgress', 'timeout'])
    const waited = (stages[2]?.time ?? 0) - (stages[1]?.time ?? 0)
    t.ok(waited > 1.09 && waited < 5, `its own timeout of 0.1 s and the second for a reply: ${waited}`)
  }
)

t.test('a component that beats but serves no commands is offline at once', async t => {
  const dome = startComponent(broker, 'MTDome', 0)
  t.teardown(() => dome.stop())
  const answer = await waitFor(
    async () => {
      const answer = await ask(broker, { csc: 'MTDome', command: 'park' })
      return answer.state === 'accepted' ? answer : undefined
    },
    { what: 'the dome is heard' }
  )
  const stages = await stagesToEnd(broker, answer.id ?? '')
  t.match(stages.at(-1), { state: 'noack', result: /offline/ })
  t.ok((stages[1]?.time ?? 0) - (stages[0]?.time ?? 0) < 0.5)
})

t.test('a device that no catalogue knows takes any JSON object while it beats', async t => {
  const asked: unknown[] = []
  const greenhouse = startComponent(broker, 'Greenhouse', 3, ({ params }, reply) => {
    asked.push(params)
    reply({ ack: 303 })
  })
  t.teardown(() => greenhouse.stop())
  const water = { csc: 'Greenhouse', index: 3, command: 'water' }
  const params = { litres: 2, beds: ['a', { b: 1 }] }
  const { id = '' } = await waitFor(
    async () => {
      const answer = await ask(broker, water, { params })
      return answer.state === 'accepted' ? answer : undefined
    },
    { what: 'the greenhouse is heard' }
  )
  t.same(states(await stagesToEnd(broker, id)), ['dispatching', 'complete'])
  t.same(asked, [params])
})

t.test('a stop goes out however silent its component is, with a warning', async t => {
  const told: unknown[] = []
  const dome = startComponent(broker, 'ATDome', 0, ({ command, params }, reply) => {
    if (command === 'stopMotion') told.push(params)
    reply({ ack: 303 })
  })
  t.teardown(() => dome.stop())
  const moving = { csc: 'ATDome', command: 'moveAzimuth' }
  const stopping = { csc: 'ATDome', command: 'stopMotion' }
  await waitFor(async () => (await ask(broker, moving)).state === 'accepted', { what: 'the dome is heard' })
  t.equal((await ask(broker, stopping)).warning, undefined, 'no warning while it beats')
  dome.silence()
  await waitFor(async () => (await ask(broker, moving)).error?.code === 'CMD_OFFLINE', {
    what: 'the dome is offline',
    timeoutMs: 20_000
  })
  const answers = [await ask(broker, stopping), await ask(broker, stopping)]
  t.match(answers, [
    { state: 'accepted', warning: { code: 'CMD_OFFLINE', facts: { csc: 'ATDome' } } },
    { state: 'accepted', warning: { code: 'CMD_OFFLINE' } }
  ])
  for (const { id = '' } of answers)
    t.same(states(await stagesToEnd(broker, id)), ['dispatching', 'complete'])
  t.same(told, [{}, {}, {}], 'the one before and both of these')
  const unheard = await ask(broker, { csc: 'MTDome', command: 'stop' })
  t.match(unheard, { state: 'accepted', warning: { code: 'CMD_OFFLINE' } })
  t.same(unheard.defaults, ['engageBrakes', 'subSystemIds'])
  const stored = await lastMessage(broker, 'COMMANDS', intakeByIdOf(SITE, unheard.id ?? ''))
  t.match(JSON.parse(new TextDecoder().decode(stored?.data)).params, {
    engageBrakes: false,
    subSystemIds: 2047
  })
  t.match((await stagesToEnd(broker, unheard.id ?? '')).at(-1), { state: 'noack', result: /offline/ })
})

t.test('silence and recovery of a component are recorded, by two commanders once', async t => {
  const subject = `evt.${SITE}.Liveness.0.component.ATCamera=2E0`
  const recorded = async (): Promise<unknown[]> => {
    const events: unknown[] = []
    const bounds = { from: { seq: 1 }, maxMessages: 100, maxBytes: 1e6, timeoutMs: 5_000 }
    for await (const { data } of readStream(broker, { stream: 'EVT', subjects: [subject], ...bounds }))
      events.push(decodeFields(decodeSample(data).fields))
    return events
  }
  const untilRecorded = (count: number): Promise<unknown[]> =>
    waitFor(
      async () => {
        const events = await recorded()
        return events.length >= count ? events : undefined
      },
      { what: `${count} changes`, timeoutMs: 40_000, everyMs: 200 }
    )
  const camera = { component: 'ATCamera', index: 0 }
  const first = startComponent(broker, 'ATCamera', 0)
  first.stop()
  t.match(await untilRecorded(1), [{ ...camera, alive: false, heartbeat: Number }])
  const second = startComponent(broker, 'ATCamera', 0)
  t.teardown(() => second.stop())
  t.match(await untilRecorded(2), [
    { ...camera, alive: false },
    { ...camera, alive: true }
  ])
  second.stop()
  const all = [
    { ...camera, alive: false },
    { ...camera, alive: true },
    { ...camera, alive: false }
  ]
  const changes = (await untilRecorded(3)) as { heartbeat: number }[]
  t.match(changes, all)
  t.equal(changes.length, 3, 'twice written, once kept')
  const [before, back, last] = changes.map(({ heartbeat }) => heartbeat) as [number, number, number]
  t.ok(before + 5 < back && back <= last, 'each names the heartbeat that it is about')
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
