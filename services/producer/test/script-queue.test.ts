import type { Fields } from '@meridian/msgpack'
import { waitFor } from '@meridian/testing'
import t from 'tap'
import { fieldsOf, produce, read, setUp, stored } from './producing.ts'

t.test('the state of a script queue is reduced from its events, and comes back after a restart', async t => {
  const setup = await setUp(t)
  const { broker } = setup
  const say = (subject: string, fields: object): void =>
    broker.publish(`raw.summit.${subject}`, JSON.stringify(fields))
  const indices = (...values: number[]): number[] => [...values, ...new Array(400 - values.length).fill(0)]
  const lastOf = async (part: string): Promise<Fields> =>
    fieldsOf((await read(broker, 'EVT', `evt.summit.ScriptQueueState.1.${part}`)).at(-1))
  const untilLast = (part: string, wanted: (fields: Fields) => boolean): Promise<Fields> =>
    waitFor(
      async () => {
        const fields = await lastOf(part)
        return wanted(fields) ? fields : undefined
      },
      { what: `the wanted ${part}`, everyMs: 50 }
    )

  const first = await produce(t, setup, { PRODUCE: 'ScriptQueue:1' })
  say('ScriptQueue.1.evt.availableScripts', { standard: 'slew.py:auxtel/park.py', external: '' })
  say('ScriptQueue.1.evt.script', {
    scriptSalIndex: 100001,
    path: 'slew.py',
    isStandard: true,
    processState: 3,
    scriptState: 2,
    timestampRunStart: 5.5
  })
  say('ScriptQueue.1.evt.script', {
    scriptSalIndex: 100002,
    path: 'park.py',
    isStandard: true,
    processState: 2,
    scriptState: 2
  })
  say('Script.100001.evt.description', { classname: 'Slew', description: 'slews', remotes: 'mtmount' })
  say('Script.100001.evt.metadata', { duration: 30, totalCheckpoints: 4 })
  say('Script.100001.evt.state', { state: 3, lastCheckpoint: 'start' })
  say('Script.200001.evt.state', { state: 3, lastCheckpoint: 'of another queue' })
  say('ScriptQueue.1.evt.queue', {
    enabled: true,
    running: true,
    currentSalIndex: 100001,
    length: 1,
    salIndices: indices(100002),
    pastLength: 0,
    pastSalIndices: indices()
  })

  t.same(await untilLast('state', fields => fields['running'] === true), {
    enabled: true,
    running: true,
    currentSalIndex: 100001,
    length: 1,
    salIndices: [100002],
    pastLength: 0,
    pastSalIndices: []
  })
  t.same(await lastOf('available'), { standard: ['slew.py', 'auxtel/park.py'], external: [] })
  const scripts = await untilLast('scripts', fields => (fields['current'] as Fields[]).length === 1)
  t.match(scripts, {
    current: [
      {
        scriptSalIndex: 100001,
        path: 'slew.py',
        scriptState: 3,
        lastCheckpoint: 'start',
        expectedDuration: 30,
        classname: 'Slew'
      }
    ],
    waiting: [{ scriptSalIndex: 100002, path: 'park.py', scriptState: 2 }],
    finished: { length: 0 }
  })
  t.same(await read(broker, 'SCRIPT', 'script.summit.2.>'), [], 'a Script of another queue is not assigned')
  await first.stop()
  const documents = (await read(broker, 'EVT', 'evt.summit.ScriptQueueState.>')).length

  const second = await produce(t, setup, { PRODUCE: 'ScriptQueue:1' })
  say('Script.100001.evt.state', { state: 3, lastCheckpoint: 'middle' })
  const after = await untilLast(
    'scripts',
    fields => (fields['current'] as Fields[])[0]?.['lastCheckpoint'] === 'middle'
  )
  t.match(
    after,
    {
      current: [{ path: 'slew.py', classname: 'Slew', expectedDuration: 30 }],
      waiting: [{ path: 'park.py' }]
    },
    'what was said before the restart is still known'
  )
  await second.stop()
  t.equal(
    (await read(broker, 'EVT', 'evt.summit.ScriptQueueState.>')).length,
    documents + 1,
    'and nothing is said twice'
  )
})

t.test('a queue whose lists name a script twice is restored', async t => {
  const setup = await setUp(t)
  const { broker } = setup
  const say = (subject: string, fields: object): void =>
    broker.publish(`raw.summit.${subject}`, JSON.stringify(fields))
  const first = await produce(t, setup, { PRODUCE: 'ScriptQueue:1' })
  say('Script.100001.evt.description', { classname: 'Slew' })
  const lists = { length: 2, salIndices: [100001, 100001], pastLength: 2, pastSalIndices: [100001, -1] }
  say('ScriptQueue.1.evt.queue', { running: true, currentSalIndex: 100001, ...lists })
  await stored(broker, 'EVT', 'evt.summit.ScriptQueueState.1.scripts')
  await first.stop()

  await produce(t, setup, { PRODUCE: 'ScriptQueue:1' })
  say('Script.100001.evt.metadata', { duration: 30 })
  const last = await waitFor(
    async () => {
      const [message] = (await read(broker, 'EVT', 'evt.summit.ScriptQueueState.1.scripts')).slice(-1)
      const [script] = fieldsOf(message)['current'] as Fields[]
      return script?.['expectedDuration'] === 30 ? script : undefined
    },
    { what: 'the script as it is after the restart', everyMs: 50, timeoutMs: 30_000 }
  )
  t.equal(last['classname'], 'Slew', 'with what was said before')
})
