import t from 'tap'
import { progressOf, shapeOfScript, stateNameOf } from './queue-progress.ts'
import { createQueueStore, type QueueScript } from './queue-store.ts'

const parts = (topic: string, csc = 'ScriptQueueState') => ({
  class: 'evt',
  site: 's',
  csc,
  index: 1,
  topic
})

/** A script as the store reads it from what its producer publishes. */
function scriptOf(fields: object): QueueScript {
  const queue = createQueueStore()
  queue.apply({ parts: parts('scripts'), fields: { current: [fields] } })
  return queue.scripts.value.current[0] as QueueScript
}

t.test('a queue shows what runs, waits and is past, and nothing of another component', async t => {
  const queue = createQueueStore()
  queue.apply({ parts: parts('scripts', 'ScriptQueue'), fields: { current: [{ scriptSalIndex: 1 }] } })
  t.same(queue.scripts.value.current, [])
  queue.apply({ parts: parts('state'), fields: { enabled: true, running: false } })
  t.same(queue.state.value, { enabled: true, running: false })
  queue.apply({
    parts: parts('scripts'),
    fields: { current: [{ scriptSalIndex: 7, path: 'a.py' }], waiting: [null, { scriptSalIndex: 8 }] }
  })
  t.match(queue.scripts.value, {
    current: [{ index: 7, path: 'a.py' }],
    waiting: [{ index: 8, path: '' }],
    finished: { length: 0 }
  })
  queue.apply({ parts: parts('scripts'), fields: { current: 'nonsense' } })
  t.same(queue.scripts.value.current, [])
})

t.test('progress goes by checkpoints, else by time, and says when it takes longer', async t => {
  const running = { timestampRunStart: 100, expectedDuration: 60 }
  t.match(progressOf(scriptOf(running), 130), { elapsed: 30, share: 0.5, text: 'about 30 s left' })
  t.match(progressOf(scriptOf(running), 170), { share: 1, text: '10 s longer than expected' })
  t.match(progressOf(scriptOf({ ...running, totalCheckpoints: 4, numCheckpoints: 3 }), 130), {
    share: 0.75,
    text: 'checkpoint 3 of 4 · about 30 s left'
  })
  t.match(progressOf(scriptOf({}), 130), { elapsed: 0, share: undefined, text: '' })
})

t.test('what failed looks so, whoever says it: the script or the queue', async t => {
  t.equal(shapeOfScript(scriptOf({ scriptState: 10 })), 'critical')
  t.equal(shapeOfScript(scriptOf({ scriptState: 0, processState: 5 })), 'critical')
  t.equal(shapeOfScript(scriptOf({ scriptState: 9 })), 'warning')
  t.equal(shapeOfScript(scriptOf({ scriptState: 8 })), 'done')
  t.equal(stateNameOf(scriptOf({ scriptState: 3 }), [undefined]), 'state 3', 'before the catalogue came')
})
