import t from 'tap'
import { createSeenGateways } from './seen-gateways.ts'

const load = { v: 1, conns: 104, egressBps: 1_250_000, elu: 0.312, score: 0.1, ready: true, draining: false }

t.test('one line tells what each gateway has, in the order of their numbers, and which is gone', async t => {
  let now = 0
  const gateways = createSeenGateways(() => now)
  const say = (text: string): void => gateways.hear(Buffer.from(text))
  t.equal(gateways.line(), undefined)
  say(JSON.stringify({ ...load, id: 'gateway-10', conns: 3, draining: true, ready: false }))
  say(JSON.stringify({ ...load, id: 'gateway-2', conns: 1 }))
  now = 2_000
  say(JSON.stringify({ ...load, id: 'gateway-2' }))
  say('{"id":"gateway-3"}')
  say('{')
  t.equal(gateways.line(), 'gateway-2 104 (1.3 MB/s, 31 %) · gateway-10 3 (1.3 MB/s, 31 %, draining)')
  now = 4_000
  t.equal(gateways.line(), 'gateway-2 104 (1.3 MB/s, 31 %) · gateway-10 gone')
})
