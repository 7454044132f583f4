/**
 * Gateways that go: by a signal, one and then one more, by kill -9, and all of them in turn. Clients are elsewhere
 * with their cursor, and nothing is lost; nobody comes to a gateway that is going.
 */
import { once } from 'node:events'
import { waitFor } from '@meridian/testing'
import t, { type Test } from 'tap'
import { WebSocket } from 'ws'
import { type GatewayProcess, isReady } from '../test/gateway-process.ts'
import { type MovingClient, movesOf } from '../test/moving-clients.ts'
import { type BalancedSite, closesOf, evenWithin, nameOf, startSite, WAIT_MS } from './balance-site.ts'
import { leastConnections, whyNot } from './balancers.ts'

const CLIENTS = 200
/** Clients are hinted away over 60 % of it, and closed at 80 %. */
const DRAIN = { DRAIN_MS: '10000' }
const skip = whyNot(leastConnections)

t.setTimeout(400_000)

t.test('four gateways become three, and two, by SIGTERM', { skip }, async t => {
  const { site, clients } = await startFour(t, DRAIN)
  for (const [leaver, stayers] of [
    [3, [0, 1, 2]],
    [2, [0, 1]]
  ] as const) {
    const gone = site.running.get(nameOf(leaver)) as GatewayProcess
    const ended = gone.end('SIGTERM')
    const refused = refusalsUntilEnd(gone)
    t.equal(await ended, 0, 'it exits with 0')
    const upgrades = await refused
    t.same(
      upgrades.filter(status => status !== 503),
      [],
      `${upgrades.length} upgrades refused`
    )
    t.ok(upgrades.length > 0)
    const spread = await evenWithin(clients, stayers.map(nameOf), 1.1)
    t.comment(`then ${spread.join('/')}`)
  }
  t.ok(movesOf(clients) <= CLIENTS, `${movesOf(clients)} moves`)
  await site.judge(t, clients)
  t.equal(closesOf(clients)[1006], undefined, 'no connection broke')
})

t.test('one of four is killed: its clients are elsewhere, at the pace that is set', { skip }, async t => {
  const { site, clients } = await startFour(t, { ...DRAIN, MAX_ACCEPTS_PER_SECOND: '10' })
  const orphans = clients.filter(({ gateways }) => gateways.at(-1) === nameOf(3))
  await site.running.get(nameOf(3))?.end('SIGKILL')
  const isBack = ({ gateways, client }: MovingClient): boolean =>
    gateways.at(-1) !== nameOf(3) && client.status().state === 'live'
  await waitFor(() => clients.every(isBack), { what: 'all to be back', timeoutMs: WAIT_MS })
  for (const slot of [0, 1, 2])
    t.ok(mostInASecond(orphans, nameOf(slot)) <= 10 + LATE, `arrivals in a second at ${nameOf(slot)}`)
  await site.judge(t, clients)
  t.match(closesOf(clients), { 1006: orphans.length }, 'only the connections of the dead one broke')
})

t.test('all four are replaced one after the other, with one more meanwhile', { skip }, async t => {
  const { site, clients } = await startFour(t, DRAIN)
  const started = movesOf(clients)
  let fewest = 4
  const watch = setInterval(async () => {
    const ready = await Promise.all([...site.running.values()].map(({ port }) => isReady(port)))
    fewest = Math.min(fewest, ready.filter(Boolean).length)
  }, 200)
  t.teardown(() => clearInterval(watch))
  for (const slot of [0, 1, 2, 3]) {
    await site.start(slot + 4)
    await site.running.get(nameOf(slot))?.end('SIGTERM')
    site.running.delete(nameOf(slot))
  }
  clearInterval(watch)
  t.equal(fewest, 4, 'four were ready all the time')
  const moves = movesOf(clients) - started
  t.ok(moves <= 2 * CLIENTS, `${moves} moves`)
  await site.judge(t, clients)
  t.equal(closesOf(clients)[1006], undefined, 'no connection broke')
})

/** Greetings may be read late, those of the second before with them. */
const LATE = 10

async function startFour(
  t: Test,
  settings: Record<string, string>
): Promise<{ site: BalancedSite; clients: readonly MovingClient[] }> {
  const site = await startSite(t, leastConnections, { slots: 8, settings })
  await Promise.all([0, 1, 2, 3].map(slot => site.start(slot)))
  await site.isKnown([0, 1, 2, 3].map(nameOf))
  const clients = await site.connect(CLIENTS)
  await evenWithin(clients, [0, 1, 2, 3].map(nameOf), 1.15)
  return { site, clients }
}

/** Asks a gateway that is going for upgrades, past the balancer, until it is gone: the answers' statuses. */
async function refusalsUntilEnd({ port, child }: GatewayProcess): Promise<readonly number[]> {
  await waitFor(async () => !(await isReady(port)), { what: 'it to be not ready', timeoutMs: WAIT_MS })
  const statuses: number[] = []
  while (child.exitCode === null) {
    const ws = new WebSocket(`ws://127.0.0.1:${port}/live`, ['meridian.v1.json'])
    ws.once('open', () => statuses.push(101))
    ws.once('unexpected-response', (_request, { statusCode }) => statuses.push(statusCode ?? 0))
    ws.on('error', () => {})
    await Promise.race([once(ws, 'unexpected-response'), once(ws, 'error'), once(ws, 'open')]).catch(() => {})
    ws.terminate()
    await new Promise(resolve => setTimeout(resolve, 100))
  }
  return statuses
}

/** The most arrivals of these clients at a gateway within any second. */
function mostInASecond(clients: readonly MovingClient[], gateway: string): number {
  const arrivals = clients
    .flatMap(({ gateways, arrivedMs }) => arrivedMs.filter((_, i) => gateways[i] === gateway))
    .sort((a, b) => a - b)
  return Math.max(0, ...arrivals.map((at, i) => arrivals.slice(i).filter(other => other - at < 1000).length))
}
