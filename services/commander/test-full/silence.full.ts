import { lastMessage, readStream } from '@meridian/broker'
import { decodeFields } from '@meridian/msgpack'
import { decodeSample } from '@meridian/sample'
import { intakeByIdOf } from '@meridian/subjects'
import { waitFor } from '@meridian/testing'
import t from 'tap'
import { startCommanders, states } from '../test/commander-world.ts'
import { ask, SITE, stagesToEnd, startComponent } from '../test/harness.ts'

const { broker } = await startCommanders(t)

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
  t.match(stages.at(-1), { state: 'noack', result: /offline/, unserved: true })
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
  t.match((await stagesToEnd(broker, unheard.id ?? '')).at(-1), {
    state: 'noack',
    result: /offline/,
    unserved: true
  })
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
