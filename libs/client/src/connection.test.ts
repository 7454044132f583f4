import fc from 'fast-check'
import t from 'tap'
import { createHeldClock } from '../test/held-clock.ts'
import { createBackoff } from './backoff.ts'
import { type ChannelReports, type ConnectionState, createConnection } from './connection.ts'
import type { SocketEnd } from './gateway-socket.ts'

const CAP_MS = 100

/**
 * A channel that does what the test says, and notices reports after its end as the real one would not make
 * them.
 */
interface FakeChannel {
  readonly number: number
  open: boolean
  readonly reports: ChannelReports
  probes: number
  probe(): void
  close(reason: string): void
}

function createWorld(random = () => 0.5) {
  const held = createHeldClock()
  const channels: FakeChannel[] = []
  const states: ConnectionState<FakeChannel>['kind'][] = []
  const backoff = createBackoff({ baseMs: 10, capMs: CAP_MS, healthyMs: 1000, random })
  const connection = createConnection<FakeChannel>({
    backoff,
    clock: held.clock,
    onChange: state => states.push(state.kind),
    open(reports) {
      const channel: FakeChannel = {
        number: channels.length,
        open: true,
        reports,
        probes: 0,
        probe() {
          channel.probes++
        },
        close() {
          channel.open = false
        }
      }
      channels.push(channel)
      return channel
    }
  })
  return { held, channels, states, backoff, connection, open: () => channels.filter(channel => channel.open) }
}
type World = ReturnType<typeof createWorld>

const end = (final = false): SocketEnd => ({
  final,
  error: { code: 'SDK_CONNECTION_LOST', message: 'lost', canRetry: true }
})

function lose(channel: FakeChannel | undefined, final = false): void {
  if (channel === undefined) return
  channel.open = false
  channel.reports.ended(end(final))
}

/** How many channels and timers each state owns; nothing may leak from one state into the next. */
const owned: Readonly<Record<ConnectionState<FakeChannel>['kind'], { channels: number[]; timers: number }>> =
  {
    idle: { channels: [0], timers: 0 },
    connecting: { channels: [1], timers: 0 },
    live: { channels: [1], timers: 0 },
    moving: { channels: [1, 2], timers: 1 },
    waiting: { channels: [0], timers: 1 },
    closed: { channels: [0], timers: 0 }
  }

function assertOwned({ connection, open, held }: World): void {
  const { kind } = connection.state()
  const { channels, timers } = owned[kind]
  if (!channels.includes(open().length)) throw new Error(`${kind} with ${open().length} open channels`)
  if (held.timers() !== timers) throw new Error(`${kind} with ${held.timers()} timers`)
  const active = connection.active()
  if (active !== undefined && !active.open) throw new Error(`the active channel of ${kind} is not open`)
  if ((kind === 'live' || kind === 'moving') && active === undefined)
    throw new Error(`${kind} without a channel`)
}

type Step =
  | { readonly do: 'connect' | 'close' | 'probe' }
  | { readonly do: 'ready' | 'settled' | 'lost' | 'final' | 'hint'; readonly which: number }
  | { readonly do: 'advance'; readonly ms: number }

const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({ do: fc.constantFrom('connect', 'close', 'probe') }),
  fc.record({
    do: fc.constantFrom('ready', 'ready', 'settled', 'settled', 'lost', 'hint', 'hint', 'final'),
    which: fc.nat(1)
  }),
  fc.record({ do: fc.constant('advance'), ms: fc.nat(2 * CAP_MS) })
)

function take(world: World, one: Step): void {
  if ('ms' in one) world.held.advance(one.ms)
  else if (!('which' in one)) world.connection[one.do]()
  else tell(world.open()[one.which], one.do)
}

function tell(channel: FakeChannel | undefined, what: 'ready' | 'settled' | 'lost' | 'final' | 'hint'): void {
  if (what === 'ready') channel?.reports.ready()
  else if (what === 'settled') channel?.reports.settled()
  else if (what === 'hint') channel?.reports.hinted({ afterMs: 20 })
  else lose(channel, what === 'final')
}

t.test('whatever happens in whatever order, no channel and no timer is left over', async () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), steps => {
      const world = createWorld()
      for (const one of steps) {
        take(world, one)
        assertOwned(world)
      }
    }),
    { numRuns: 2000 }
  )
})

/** Gateways answer everything from now on. */
function answerAll(world: World): void {
  for (let i = 0; i < 3; i++) {
    world.held.advance(CAP_MS)
    for (const channel of world.open()) channel.reports.ready()
    for (const channel of world.open()) channel.reports.settled()
  }
}

t.test('from anything but closed and idle it comes to live again once gateways answer', async () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 40 }), steps => {
      const world = createWorld()
      for (const one of steps) take(world, one)
      const { kind } = world.connection.state()
      answerAll(world)
      return kind === 'closed' || kind === 'idle' || world.connection.active() !== undefined
    }),
    { numRuns: 1000 }
  )
})

t.test('while a move is under way there is always a working channel until the old one is lost', async t => {
  const { connection, channels, held } = createWorld()
  connection.connect()
  channels[0]?.reports.ready()
  channels[0]?.reports.hinted({ afterMs: 20 })
  held.advance(19)
  t.equal(channels.length, 1, 'not before its time')
  held.advance(1)
  t.equal(channels.length, 2)
  t.equal(connection.active(), channels[0])
  channels[1]?.reports.ready()
  t.equal(connection.active(), channels[0], 'greeted is not enough')
  channels[1]?.reports.settled()
  t.equal(connection.active(), channels[1])
  t.equal(channels[0]?.open, false)
})

t.test('a hint on the second channel of a move is followed after the move', async t => {
  const { connection, channels, held } = createWorld()
  connection.connect()
  channels[0]?.reports.ready()
  channels[0]?.reports.hinted({ afterMs: 0 })
  held.advance(0)
  channels[1]?.reports.ready()
  channels[1]?.reports.hinted({ afterMs: 7 })
  channels[1]?.reports.settled()
  t.equal(connection.state().kind, 'moving')
  held.advance(7)
  t.equal(channels.length, 3)
})

t.test('connect() during the pause ends the pause', async t => {
  const { connection, channels } = createWorld()
  connection.connect()
  lose(channels[0])
  t.equal(connection.state().kind, 'waiting')
  connection.connect()
  t.equal(connection.state().kind, 'connecting')
})

t.test('a probe ends the pause, and is passed on to the channel that works', async t => {
  const { connection, channels } = createWorld()
  connection.probe()
  t.equal(connection.state().kind, 'idle', 'a probe opens nothing by itself')
  connection.connect()
  lose(channels[0])
  connection.probe()
  t.equal(connection.state().kind, 'connecting')
  connection.probe()
  t.equal(channels.length, 2, 'one attempt is enough')
  channels[1]?.reports.ready()
  connection.probe()
  t.equal(channels[1]?.probes, 1)
})

t.test('a connection that ends at once keeps the pauses growing, a healthy one resets them', async t => {
  const { connection, channels, held, backoff } = createWorld()
  connection.connect()
  for (let i = 0; i < 5; i++) {
    channels.at(-1)?.reports.ready()
    lose(channels.at(-1))
    held.advance(CAP_MS)
  }
  t.equal(backoff.attempt(), 5)
  channels.at(-1)?.reports.ready()
  held.advance(1000)
  lose(channels.at(-1))
  t.equal(backoff.attempt(), 1)
})

t.test('pauses are drawn evenly from zero to a bound that doubles up to the cap', async () => {
  const even = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true })
  fc.assert(
    fc.property(even, fc.nat(100), (drawn, attempts) => {
      const backoff = createBackoff({ baseMs: 250, capMs: 10_000, healthyMs: 30_000, random: () => drawn })
      for (let i = 0; i < attempts; i++) backoff.nextMs()
      const bound = Math.min(10_000, 250 * 2 ** attempts)
      const pause = backoff.nextMs()
      return pause === drawn * bound && pause < 10_000
    })
  )
})
