/**
 * Nothing of a client stays behind it: the heap of a gateway after 10,000 connections that subscribe and leave,
 * in every way of leaving, is what it was before, measured after full collections.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import { evaluateIn, freePort, waitFor } from '@meridian/testing'
import t from 'tap'
import { startGateway } from '../test/gateway-process.ts'
import { LiveClient } from '../test/live-client.ts'
import { startObservatory } from '../test/observatory.ts'

const CYCLES = 10_000
/** Before the first measure: what is cached once, and what V8 compiles in the first thousands, half a megabyte. */
const WARM_UP = 5_000
const AT_ONCE = 20
const MOST_GROWTH = 1.05
const TOPICS = 200

t.setTimeout(580_000)
const site = await startObservatory()
t.teardown(() => site.stop())
for (let i = 0; i < TOPICS; i++) await site.put(`evt.summit.Cycle.0.topic${i}`)
const inspectPort = await freePort()
const gateway = await startGateway(site.nats.url, {
  RING_MS: '500',
  NODE_OPTIONS: `--inspect-port=127.0.0.1:${inspectPort}`
})
t.teardown(() => gateway.end('SIGKILL'))

/** One connection: subscribes in a way of its own, changes its mind, and leaves in one of four ways. */
async function cycle(n: number): Promise<void> {
  const client = await LiveClient.open(gateway.port, n % 2 === 0 ? 'msgpack' : 'json')
  const patterns = [
    { pattern: `evt.summit.Cycle.0.topic${n % TOPICS}`, fields: [`field${n % 50}`] },
    { pattern: 'evt.summit.Cycle.>', quality: 'latest' as const, rate: ([1, 2, 5, 10] as const)[n % 4] ?? 1 }
  ]
  client.send({ op: 'subscribe', id: 1, patterns })
  await client.next('live')
  if (n % 3 === 0) client.send({ op: 'resume', cursor: client.cursor, subscriptions: [{ id: 2, patterns }] })
  if (n % 4 === 0) client.ws.close(1000)
  else if (n % 4 === 1) client.ws.terminate()
  else if (n % 4 === 2) client.ws.close()
  else {
    client.send({ op: 'unsubscribe', id: 1 })
    client.ws.close(4000)
  }
  await client.whenClosed()
}

async function cycles(count: number, from: number): Promise<void> {
  for (let n = from; n < from + count; n += AT_ONCE) {
    await site.put(`evt.summit.Cycle.0.topic${n % TOPICS}`)
    await Promise.all(Array.from({ length: AT_ONCE }, (_, i) => cycle(n + i)))
  }
}

/** Bytes of the heap that are in use, once nobody is connected and everything unreachable is gone. */
async function heapBytes(): Promise<number> {
  await waitFor(
    async () => / 0$/m.test((await metrics()).match(/^meridian_gateway_connections\{.*$/m)?.[0] ?? ''),
    { what: 'everybody to be gone', timeoutMs: 60_000 }
  )
  // Backfills that several may share are kept for a moment.
  await sleep(5_000)
  await site.put('evt.summit.Cycle.0.topic0')
  const collect = `(async () => {
    const { Session } = process.getBuiltinModule('node:inspector')
    const session = new Session()
    session.connect()
    for (let i = 0; i < 5; i++) {
      session.post('HeapProfiler.collectGarbage')
      await new Promise(resolve => setTimeout(resolve, 50))
    }
    session.disconnect()
    return process.memoryUsage().heapUsed
  })()`
  return (await evaluateIn(gateway.child.pid ?? 0, inspectPort, collect)) as number
}

const metrics = async (): Promise<string> => (await fetch(`http://127.0.0.1:${gateway.port}/metrics`)).text()

t.test('the heap after 10,000 clients is within 5 % of what it was', async t => {
  // tap turns source maps on in every process; reading one at the first stack would pass for growth.
  await evaluateIn(gateway.child.pid ?? 0, inspectPort, 'process.setSourceMapsEnabled(false)')
  await cycles(WARM_UP, 0)
  const before = await heapBytes()
  await cycles(CYCLES, WARM_UP)
  const after = await heapBytes()
  const mb = (bytes: number): string => (bytes / 2 ** 20).toFixed(2)
  t.comment(`${mb(before)} MB before, ${mb(after)} MB after: ${((after / before - 1) * 100).toFixed(1)} %`)
  t.ok(after <= before * MOST_GROWTH, `${mb(before)} MB, then ${mb(after)} MB`)
  t.match(await metrics(), /^meridian_gateway_views\{[^}]*\} 0$/m, 'no view is left')
})
