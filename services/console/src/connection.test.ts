import type { Client, ClientStatus, SubscriptionHandlers, Update } from '@meridian/client'
import { taiSecondsOf } from '@meridian/time'
import t from 'tap'
import { createConnection } from './connection.ts'
import { createPageClock } from './page-clock.ts'
import { type Reading, readsAll } from './session/reading.ts'

const START = Date.UTC(2026, 10, 22, 3)
const HOUR = 3_600_000

/** A connection whose client, frames and clocks are a test's own. */
function createWorld({ reading = readsAll }: { readonly reading?: Reading } = {}) {
  let steadyMs = START
  let wallMs = START
  let handlers: SubscriptionHandlers | undefined
  let looks: () => void = () => undefined
  const asked: unknown[] = []
  let probes = 0
  let status: ClientStatus = {
    state: 'live',
    broker: 'connected',
    degraded: 'none',
    sinceMs: START,
    attempt: 0,
    clockOffsetMs: 0
  }
  const clock = createPageClock({ nowMs: () => steadyMs, wallMs: () => wallMs })
  const client = {
    status: () => status,
    onStatus: () => () => undefined,
    connect: () => undefined,
    probe: () => void probes++,
    subscribe(patterns: readonly unknown[], given: SubscriptionHandlers) {
      asked.push(...patterns)
      handlers = given
      return { close: () => undefined, update: () => undefined }
    }
  }
  const connection = createConnection({
    clock: {
      ...clock,
      every(_ms, work) {
        looks = work
        return () => undefined
      }
    },
    frames: { push: work => work() },
    reading,
    client: client as unknown as Client
  })
  const heard: number[] = []
  connection.subscribe([], { onData: (_, heardMs) => void heard.push(heardMs - START) })
  connection.start()

  function update(csc: string, more: Partial<Update>): Update {
    const subject = `hb.summit.${csc}.0`
    const parts = { class: 'hb', site: 'summit', csc, index: 0, topic: '' }
    const now = taiSecondsOf(steadyMs)
    return {
      subject,
      parts,
      seq: 1,
      time: now,
      received: now,
      fields: {},
      snapshot: false,
      uncatalogued: false,
      ...more
    }
  }

  return {
    connection,
    clock,
    asked,
    heard,
    probes: () => probes,
    say: (more: Partial<Update> = {}) => handlers?.onData(update('A', more)),
    live: () => handlers?.onLive?.(),
    /** Time passes; the gateway answers pings throughout unless it is told not to. */
    pass(ms: number, answers = true) {
      for (let left = ms; left > 0; left -= 500) {
        steadyMs += Math.min(500, left)
        wallMs += Math.min(500, left)
        if (answers) status = { ...status, lastMessageMs: steadyMs, clockMeasuredMs: steadyMs }
        looks()
      }
    },
    /** The page stands still: nothing looks, and the machine's clock goes on. */
    stand(ms: number) {
      steadyMs += ms
      wallMs += ms
      looks()
    },
    jump(ms: number) {
      wallMs += ms
      looks()
    },
    status(more: Partial<ClientStatus>) {
      status = { ...status, ...more }
      looks()
    },
    steadyMs: () => steadyMs
  }
}
type World = ReturnType<typeof createWorld>

/** Heartbeats flow for so long. */
function flow(world: World, ms: number): void {
  for (let left = ms; left > 0; left -= 500) {
    world.pass(500)
    world.say()
  }
  world.pass(1, false)
}

t.test('data that flows is the word as of when everybody is judged', async t => {
  const world = createWorld()
  flow(world, 10_000)
  t.equal(world.connection.judgedAtMs.value, START + 10_000)
  t.equal(world.connection.health.value.kind, 'sound')
})

t.test('a stalled link stops the judging at once and is told within 4 s', async t => {
  const world = createWorld()
  flow(world, 10_000)
  world.pass(3500, false)
  t.equal(world.connection.health.value.kind, 'sound')
  world.pass(1000, false)
  t.match(world.connection.health.value, { kind: 'stalled', sinceMs: START + 10_000 })
  t.equal(world.connection.judgedAtMs.value, START + 10_000)
  flow(world, 2500)
  t.equal(world.connection.health.value.kind, 'sound')
  t.equal(world.connection.judgedAtMs.value, START + 10_000, 'what was held up is still coming in')
  flow(world, 3000)
  t.ok(world.connection.judgedAtMs.value > START + 10_000)
})

t.test(
  'a broker that is back is catching up until data comes, and without data only for some seconds',
  async t => {
    const world = createWorld()
    flow(world, 10_000)
    world.status({ broker: 'lost' })
    world.pass(20_000)
    t.equal(world.connection.health.value.kind, 'broker')
    world.status({ broker: 'connected' })
    t.equal(world.connection.health.value.kind, 'resuming')
    world.pass(5000)
    t.equal(world.connection.health.value.kind, 'quiet')
    flow(world, 1000)
    t.equal(world.connection.health.value.kind, 'sound')
  }
)

t.test('a gateway that answers while nothing arrives is told apart from a broker that is lost', async t => {
  const world = createWorld()
  flow(world, 10_000)
  world.pass(5000)
  t.equal(world.connection.health.value.kind, 'quiet')
  world.status({ broker: 'lost' })
  t.equal(world.connection.health.value.kind, 'broker')
  t.equal(world.connection.judgedAtMs.value, START + 10_000)
})

t.test('telemetry that was held back is no sign of data that flows', async t => {
  const world = createWorld()
  flow(world, 10_000)
  world.pass(3000)
  world.say({ parts: { class: 'tel', site: 'summit', csc: 'A', index: 0, topic: 'a' } })
  t.equal(world.connection.dataMs.value, START + 10_000)
})

t.test('telemetry that waited in a producer is as old as its receipt, not as its arrival', async t => {
  const world = createWorld()
  flow(world, 10_000)
  const parts = { class: 'tel', site: 'summit', csc: 'A', index: 0, topic: 'a' } as const
  const received = taiSecondsOf(START + 1_000)
  world.say({ parts, received, time: received })
  t.ok(Math.abs((world.heard.at(-1) as number) - 1_000) < 1, String(world.heard.at(-1)))
  world.say({ parts, received: taiSecondsOf(world.steadyMs() - 300) })
  t.equal(world.heard.at(-1), world.steadyMs() - START, 'what the network takes is no lateness')
})

t.test('setting the clock of the machine back an hour changes no judgement and no age', async t => {
  const world = createWorld()
  flow(world, 10_000)
  world.jump(-HOUR)
  t.equal(world.probes(), 1, 'the gateway is asked for the time at once')
  flow(world, 10_000)
  t.equal(world.connection.judgedAtMs.value, START + 20_001)
  t.equal(world.heard.at(-1), 20_001)
  t.equal(world.clock.siteMs.value, START + 20_002)
})

t.test('after sleep nothing is fresh, and nobody is silent before data comes again', async t => {
  const world = createWorld()
  flow(world, 10_000)
  world.jump(HOUR)
  t.equal(world.clock.ageMs(START + 10_000), HOUR + 1)
  t.equal(world.connection.judgedAtMs.value, START + 10_000)
  world.pass(4500, false)
  t.equal(world.connection.health.value.kind, 'stalled')
  world.status({ clockOffsetMs: HOUR, clockMeasuredMs: world.steadyMs(), lastMessageMs: world.steadyMs() })
  world.say({ snapshot: true, received: taiSecondsOf(START + 10_000) })
  world.say({ snapshot: true, received: taiSecondsOf(world.steadyMs() + HOUR) })
  t.equal(world.heard.at(-2), 10_000, 'a last value is as old as it is')
  world.live()
  t.equal(world.connection.judgedAtMs.value, world.steadyMs() + HOUR, 'who is missing among them is missing')
})

t.test('a page that stood still gives what waits for it time to be read', async t => {
  const world = createWorld()
  flow(world, 10_000)
  world.stand(20_000)
  t.equal(world.connection.health.value.kind, 'sound')
  world.pass(3500, false)
  t.equal(world.connection.health.value.kind, 'sound')
  t.equal(world.connection.judgedAtMs.value, START + 10_000)
  world.pass(1000, false)
  t.equal(world.connection.health.value.kind, 'stalled')
})

t.test('what may not be read is not asked for, and what remains of nothing is complete', async t => {
  const reading: Reading = { ...readsAll, may: pattern => !pattern.startsWith('hb.') }
  const { connection, asked, pass } = createWorld({ reading })
  const beats = { pattern: 'hb.>' }
  const states = { pattern: 'evt.*.*.*.summaryState' }
  let lives = 0
  connection.subscribe([beats, states], { onData: () => undefined, onLive: () => void lives++ })
  t.same(asked, [states])
  t.equal(lives, 0)
  connection.subscribe([beats], { onData: () => undefined, onLive: () => void lives++ }).close()
  t.same(asked, [states])
  t.equal(lives, 1)
  pass(60_000)
  t.same(connection.health.value, { kind: 'sound' }, 'no heartbeat is missing')
})

t.test('who hears no producers judges by the gateway, which answers while its broker is there', async t => {
  const reading: Reading = { ...readsAll, may: pattern => !pattern.includes('Producer') }
  const { connection, say, pass, status } = createWorld({ reading })
  pass(1000)
  say()
  pass(10_000)
  t.same(connection.health.value, { kind: 'sound' })
  t.ok(connection.judgedAtMs.value > START + 10_000, 'the component is silent, not the link')
  t.equal(connection.dataMs.value, START + 1000, 'and its data are old')
  status({ broker: 'lost' })
  const before = connection.judgedAtMs.value
  pass(10_000)
  t.equal(connection.judgedAtMs.value, before, 'without the broker nobody is')
})
