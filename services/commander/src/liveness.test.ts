import t from 'tap'
import { createHeartbeatMonitor } from './heartbeat-monitor.ts'
import { createLiveness } from './liveness.ts'

const MOUNT = { csc: 'MTMount', index: 0 }
const DOME = { csc: 'MTDome', index: 0 }
const PRODUCER = { csc: 'Producer', index: 1 }

function setUp() {
  let nowMs = 1_000_000
  const heartbeats = createHeartbeatMonitor({ steadyMs: () => nowMs })
  const liveness = createLiveness(heartbeats, () => nowMs)
  const beat = ({ csc, index }: { csc: string; index: number }, atMs?: number): void =>
    heartbeats.beat(csc, index, atMs)
  /** Lets time pass; these beat each second, and each second is judged. */
  const run = (seconds: number, ...beating: { csc: string; index: number }[]) => {
    const changes: object[] = []
    for (let i = 0; i < seconds; i++) {
      nowMs += 1_000
      for (const instance of beating) beat(instance)
      for (const change of liveness.judge()) {
        changes.push(change)
        liveness.recorded(change, change.alive)
      }
    }
    return changes
  }
  return { liveness, beat, run, nowMs: () => nowMs }
}

t.test('silence and recovery are each told once', async t => {
  const { run } = setUp()
  t.same(run(20, MOUNT, DOME), [])
  t.same(run(5, DOME), [])
  t.same(run(20, DOME), [{ ...MOUNT, alive: false }])
  t.same(run(20, MOUNT, DOME), [{ ...MOUNT, alive: true }])
})

t.test(
  'when everything is quiet at once nobody is silent, and each has its time anew afterwards',
  async t => {
    const { run } = setUp()
    run(20, MOUNT, DOME)
    t.same(run(60), [])
    t.same(run(5, DOME), [], 'the first that is heard does not make the others silent')
    t.same(run(2, DOME), [{ ...MOUNT, alive: false }])
  }
)

t.test('what a silent producer carries is not judged, the producer is', async t => {
  const { liveness, run } = setUp()
  liveness.carries(1, { instances: ['MTMount:0'], others: false })
  run(20, MOUNT, DOME, PRODUCER)
  t.same(run(20, DOME), [{ ...PRODUCER, alive: false }])
  t.same(run(4, DOME, PRODUCER), [{ ...PRODUCER, alive: true }], 'the mount has its five seconds anew')
  t.same(run(4, DOME, PRODUCER), [{ ...MOUNT, alive: false }])
})

t.test('the catch-all carries what no producer names, but not itself', async t => {
  const { liveness, run } = setUp()
  liveness.carries(1, { instances: [], others: true })
  run(20, MOUNT, DOME, PRODUCER)
  t.same(run(10, DOME, PRODUCER), [{ ...MOUNT, alive: false }])
  t.same(run(30, { csc: 'Commander', index: 1 }), [{ ...PRODUCER, alive: false }])
})

t.test('what a producer carried that is no more is judged by the one that carries it now', async t => {
  const { liveness, run } = setUp()
  liveness.carries(1, { instances: ['MTMount:0'], others: false })
  liveness.carries(2, { instances: ['MTMount:0'], others: false })
  liveness.carries(3, { instances: [], others: true })
  run(20, MOUNT, DOME, PRODUCER)
  const next = { csc: 'Producer', index: 2 }
  t.same(run(20, MOUNT, DOME, next), [{ ...PRODUCER, alive: false }])
  t.same(run(10, DOME, next), [{ ...MOUNT, alive: false }])
  const others = { csc: 'Producer', index: 3 }
  t.same(run(20, MOUNT, DOME, others), [
    { ...MOUNT, alive: true },
    { ...next, alive: false }
  ])
  t.same(run(10, DOME, others), [{ ...MOUNT, alive: false }], 'nobody names it, the catch-all carries it')
})

t.test('at the start a whole observatory has fifteen seconds, and the record of before counts', async t => {
  const { liveness, beat, run, nowMs } = setUp()
  beat(MOUNT, nowMs() - 600_000)
  liveness.recorded(DOME, false)
  t.same(run(15, DOME), [{ ...DOME, alive: true }])
  t.same(run(10, DOME), [{ ...MOUNT, alive: false }])
})

t.test('scripts are not recorded, and names stay bounded', async t => {
  const { beat, run } = setUp()
  for (let index = 0; index < 6_000; index++) beat({ csc: 'ESS', index })
  beat({ csc: 'Script', index: 100_001 })
  const silent = run(30, MOUNT) as { csc: string }[]
  t.equal(silent.length, 5_000)
  t.ok(silent.every(({ csc }) => csc === 'ESS'))
})
