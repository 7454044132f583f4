import { type ClientFrame, encodeClientFrame, parseClientFrame } from '@meridian/protocol/live'
import { taiSecondsOf } from '@meridian/time'
import t from 'tap'
import { createHeldClock } from '../test/held-clock.ts'
import type { ClockReading } from './clock-offset.ts'
import { jsonCodec } from './codec.ts'
import { createGatewaySocket, type SocketEnd } from './gateway-socket.ts'
import type { WebSocketLike } from './types.ts'

const PING_MS = 5000

/** A socket that was greeted, the frames that it sent, and a gateway that answers as the test says. */
function greeted() {
  const held = createHeldClock()
  const sent: ClientFrame[] = []
  const readings: ClockReading[] = []
  const ends: SocketEnd[] = []
  const socket: WebSocketLike = {
    binaryType: '',
    protocol: '',
    onopen: null,
    onmessage: null,
    onclose: null,
    onerror: null,
    send: data => void sent.push(parseClientFrame(data as string)),
    close: () => undefined
  }
  const gateway = createGatewaySocket({
    open: () => socket,
    codec: jsonCodec,
    clock: held.clock,
    pingMs: PING_MS,
    onWelcome: () => undefined,
    onRecords: () => undefined,
    onPong: reading => void readings.push(reading),
    onEnd: end => void ends.push(end)
  })
  const say = (record: object): void =>
    socket.onmessage?.({ data: encodeClientFrame('json', [record] as never) })
  const time = (): number => taiSecondsOf(held.clock.wallMs())
  say({
    op: 'welcome',
    protocol: 1,
    gateway: 'a',
    site: 's',
    principal: '',
    time: time(),
    broker: 'connected'
  })
  return {
    held,
    gateway,
    ends,
    readings,
    say,
    pings: () => sent.length,
    answer: () => say({ op: 'pong', id: (sent.at(-1) as { id: number }).id, time: time() })
  }
}

t.test('the gateway is asked after 2 s without a message, and left after two periods of silence', async t => {
  const { held, pings, answer, ends } = greeted()
  t.equal(pings(), 1, 'as soon as it is greeted')
  held.advance(1)
  answer()
  held.advance(1999)
  t.equal(pings(), 1)
  held.advance(1)
  t.equal(pings(), 2)
  held.advance(2 * PING_MS - 2001)
  t.same(ends, [])
  held.advance(PING_MS)
  t.match(ends, [{ final: false, error: { code: 'SDK_CONNECTION_LOST' } }])
})

t.test('while messages flow it is asked once a period, to read its clock', async t => {
  const { held, pings, say, ends } = greeted()
  for (let i = 0; i < 40; i++) {
    held.advance(500)
    say({ op: 'cursor', cursor: 'c' })
  }
  t.equal(pings(), 5)
  t.same(ends, [])
})

t.test('a probe asks at once and ends what does not answer within 4 s', async t => {
  const { held, gateway, pings, answer, ends } = greeted()
  held.advance(1)
  gateway.probe()
  t.equal(pings(), 2)
  held.advance(3999)
  answer()
  held.advance(1000)
  t.same(ends, [], 'an answer is an answer')
  gateway.probe()
  held.advance(4000)
  t.equal(ends.length, 1)
})

t.test('a machine whose clock jumped asks at once: it may have slept, and the time is read anew', async t => {
  const { held, pings, answer, readings, ends } = greeted()
  held.advance(1)
  answer()
  held.jump(3_600_000)
  held.advance(2000)
  t.equal(pings(), 2)
  answer()
  t.equal(readings.length, 2)
  held.jump(-7_200_000)
  held.advance(2000)
  t.equal(pings(), 3)
  held.advance(4000)
  t.equal(ends.length, 1, 'the connection did not outlive the sleep')
})
