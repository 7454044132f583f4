import type { Fields } from '@meridian/msgpack'
import t from 'tap'
import { createScriptQueue, FINISHED_SCRIPTS, type QueuePart, type ScriptQueue } from './script-queue.ts'

const queueEvent = (fields: Fields, sndStamp = 1) => ({
  topic: 'queue',
  scriptIndex: undefined,
  fields,
  sndStamp
})
const scriptEvent = (index: number, fields: Fields, sndStamp = 1) => ({
  topic: 'script',
  scriptIndex: undefined,
  fields: { scriptSalIndex: index, ...fields },
  sndStamp
})
const ofScript = (scriptIndex: number, topic: string, fields: Fields, sndStamp = 1) => ({
  topic,
  scriptIndex,
  fields,
  sndStamp
})

const documentOf = (queue: ScriptQueue, part: QueuePart): Fields | undefined =>
  queue.takeChanges().get(part)?.fields

function runningQueue(): ScriptQueue {
  const queue = createScriptQueue()
  queue.apply(
    queueEvent({
      enabled: true,
      running: true,
      currentSalIndex: 100001,
      length: 2,
      salIndices: [100002, 100003, 0, 0],
      pastLength: 1,
      pastSalIndices: [100000, 0]
    })
  )
  return queue
}

t.test('nothing is said of a queue that said nothing', async t => {
  const queue = createScriptQueue()
  t.equal(queue.takeChanges().size, 0)
  queue.apply(ofScript(100001, 'state', { state: 3 }))
  t.equal(queue.takeChanges().size, 0, 'a script alone makes no document')
})

t.test('the state has the lists cut to their lengths, and comes once per change', async t => {
  const queue = runningQueue()
  t.same(documentOf(queue, 'state'), {
    enabled: true,
    running: true,
    currentSalIndex: 100001,
    length: 2,
    salIndices: [100002, 100003],
    pastLength: 1,
    pastSalIndices: [100000]
  })
  t.equal(queue.takeChanges().size, 0)
  t.same(queue.listed(), [100001, 100002, 100003, 100000])
})

t.test('a script has what the queue and the script itself say, and defaults where nobody spoke', async t => {
  const queue = runningQueue()
  queue.apply(
    scriptEvent(100001, { path: 'slew.py', isStandard: true, processState: 3, timestampRunStart: 9.5 })
  )
  queue.apply(ofScript(100001, 'metadata', { duration: 60 }))
  const scripts = documentOf(queue, 'scripts') as Record<string, Fields[]>
  t.match(scripts['current'], [
    { scriptSalIndex: 100001, path: 'slew.py', expectedDuration: 60, timestampRunStart: 9.5, classname: '' }
  ])
  t.match(scripts['waiting'], [
    { scriptSalIndex: 100002, path: '', scriptState: 0 },
    { scriptSalIndex: 100003 }
  ])
  t.equal(scripts['finished']?.length, 1)
})

t.test('of the two that tell the state of a script, the later one counts', async t => {
  const queue = runningQueue()
  const stateOf = (): unknown =>
    (documentOf(queue, 'scripts') as Record<string, Fields[]>)['current']?.[0]?.['scriptState']
  queue.apply(scriptEvent(100001, { scriptState: 2 }, 10))
  queue.apply(ofScript(100001, 'state', { state: 3 }, 11))
  t.equal(stateOf(), 3)
  queue.apply(scriptEvent(100001, { scriptState: 10 }, 12))
  t.equal(stateOf(), 10)
})

t.test('what was heard live is newer than what is restored', async t => {
  const queue = createScriptQueue()
  queue.apply(ofScript(100001, 'state', { state: 8 }))
  queue.restore(queueEvent({ currentSalIndex: 100001 }))
  queue.restore(ofScript(100001, 'state', { state: 3 }))
  queue.restore(ofScript(100001, 'description', { classname: 'Slew' }))
  t.match(documentOf(queue, 'scripts'), { current: [{ scriptState: 8, classname: 'Slew' }] })
})

t.test('a script that the lists name twice is listed once, and what is no index is not listed', async t => {
  const queue = createScriptQueue()
  const salIndices = [100002, 100001, 0, -4, 3_000_000_000]
  queue.apply(
    queueEvent({ currentSalIndex: 100001, length: 5, salIndices, pastLength: 0, pastSalIndices: [] })
  )
  t.same(queue.listed(), [100001, 100002])
})

t.test('nonsense in the events does not disturb the reduction', async t => {
  const queue = createScriptQueue()
  queue.apply(
    queueEvent({
      currentSalIndex: 'one',
      length: 2.5,
      salIndices: 'x',
      pastSalIndices: [1, 'two'],
      pastLength: 9
    })
  )
  queue.apply(scriptEvent(1, { path: 7, isStandard: 'yes' }))
  t.same(documentOf(queue, 'state'), {
    enabled: false,
    running: false,
    currentSalIndex: 0,
    length: 0,
    salIndices: [],
    pastLength: 9,
    pastSalIndices: [1, 0]
  })
  queue.apply({
    topic: 'availableScripts',
    scriptIndex: undefined,
    fields: { standard: 'a:b::' },
    sndStamp: 1
  })
  t.same(documentOf(queue, 'available'), { standard: ['a', 'b'], external: [] })
})

t.test('a night of scripts leaves nothing behind but those that the lists name', async t => {
  const queue = createScriptQueue()
  for (let index = 100_000; index < 102_000; index++) {
    queue.apply(scriptEvent(index, { path: 'p' }))
    const past = Array.from({ length: 400 }, (_, i) => index - 1 - i)
    queue.apply(queueEvent({ currentSalIndex: index, pastLength: 400, pastSalIndices: past }))
  }
  const scripts = documentOf(queue, 'scripts') as Record<string, Fields[]>
  t.equal(scripts['finished']?.length, FINISHED_SCRIPTS)
  t.ok(
    scripts['finished']?.every(script => script['path'] === 'p'),
    'those that are shown are still known'
  )
  t.equal(queue.listed().length, FINISHED_SCRIPTS + 1)
})
