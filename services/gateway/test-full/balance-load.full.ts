/**
 * What else a balance must bear: views that cost more than others, clients that do not know hints, a broker that
 * goes away.
 */
import { createPublicationLog, waitFor } from '@meridian/testing'
import t from 'tap'
import { isReady } from '../test/gateway-process.ts'
import { type MovingClient, movesOf, spreadOf, startClients } from '../test/moving-clients.ts'
import { closesOf, evenWithin, nameOf, quiet, startSite, unevenness, WAIT_MS } from './balance-site.ts'
import { leastConnections, roundRobin, whyNot } from './balancers.ts'

const ALL = [0, 1, 2, 3].map(nameOf)
const skip = whyNot(leastConnections)

t.setTimeout(400_000)

t.test(
  'clients that ignore hints are closed at the deadline, come back, and lose nothing',
  { skip },
  async t => {
    const site = await startSite(t, leastConnections, { slots: 4, settings: { MOVE_DEADLINE_MS: '3000' } })
    await Promise.all([site.start(0), site.start(1)])
    await site.isKnown(ALL.slice(0, 2))
    // The oldest are asked first.
    const deaf = await site.connect(10, true)
    const others = await site.connect(90)
    const clients = [...deaf, ...others]
    await Promise.all([site.start(2), site.start(3)])
    await evenWithin(clients, ALL, 1.2)
    await waitFor(() => deaf.every(({ codes }) => codes.length > 0), {
      what: 'all that ignore hints to be closed',
      timeoutMs: WAIT_MS
    })
    await site.judge(t, clients)
    t.same(
      Object.keys(closesOf(deaf)).filter(code => code !== '1000'),
      ['1012']
    )
    t.equal(closesOf(deaf)[1000], 0, 'none of them moved by itself')
    for (const [name, gateway] of site.running) t.equal(gateway.child.exitCode, null, `${name} runs`)
    const overdue = await Promise.all(
      ALL.map(name => site.metric(name, 'meridian_gateway_moves_overdue_total'))
    )
    t.ok(overdue.reduce((sum, count) => sum + count, 0) >= deaf.length, `${overdue.join('/')} were overdue`)
  }
)

t.test(
  'while the broker is away gateways stay ready, clients are told, and nobody moves',
  { skip },
  async t => {
    const site = await startSite(t, leastConnections, { slots: 4 })
    await Promise.all([0, 1, 2, 3].map(slot => site.start(slot)))
    const clients = await site.connect(100)
    await evenWithin(clients, ALL, 1.2)
    await quiet(site, clients)
    const moves = movesOf(clients)
    await site.observatory.nats.kill9()
    const all = (broker: string): Promise<unknown> =>
      waitFor(() => clients.every(({ client }) => client.status().broker === broker), {
        what: `all clients to know that the broker is ${broker}`,
        timeoutMs: WAIT_MS
      })
    await all('lost')
    for (const { port } of site.running.values()) t.ok(await isReady(port), 'ready without a broker')
    await site.observatory.nats.restart()
    await all('connected')
    await site.judge(t, clients)
    t.equal(movesOf(clients), moves, 'nobody moved')
    t.same(closesOf(clients), { 1000: moves }, 'no connection ended')
  }
)

for (const isOn of [true, false])
  t.test(
    isOn
      ? 'views that cost twenty times as much spread by their bytes'
      : 'with shedding off they stay on the gateway where they began',
    { skip: whyNot(roundRobin) },
    async t => {
      const settings = { TARGET_CONNECTIONS: '100000', TARGET_EGRESS_BPS: '300000', REBALANCE: String(isOn) }
      const site = await startSite(t, roundRobin, { slots: 4, settings })
      await Promise.all([0, 1, 2, 3].map(slot => site.start(slot)))
      const hot = await startThere(0, 'hot')
      for (const slot of [1, 2, 3]) await startThere(slot, 'cold')
      const timer = setInterval(() => {
        void site.observatory.put(topic('hot'), { n: 0, text: 'x'.repeat(4_000) }).catch(() => undefined)
        void site.observatory.put(topic('cold'), { n: 0, text: 'x'.repeat(200) }).catch(() => undefined)
      }, 100)
      t.teardown(() => clearInterval(timer))
      if (isOn) await evenWithin(hot, ALL, 1.3)
      else await new Promise(resolve => setTimeout(resolve, 10_000))
      const uneven = unevenness(spreadOf(hot, ALL))
      t.ok(isOn ? uneven <= 1.3 : uneven >= 3.5, `hot views are spread ${spreadOf(hot, ALL).join('/')}`)

      /** Clients whose first connection is to this gateway, and later ones to whichever the balancer chooses. */
      async function startThere(slot: number, kind: string): Promise<readonly MovingClient[]> {
        let left = VIEWS
        const port = site.running.get(nameOf(slot))?.port
        // The address of each is asked for twice: by the client, and by its first socket.
        const url = (): string => (left-- > -VIEWS ? `ws://127.0.0.1:${port}/live` : site.url)
        const log = createPublicationLog()
        const clients = startClients({ count: VIEWS, url, pattern: topic(kind), log })
        t.teardown(() => {
          for (const { client } of clients) client.close()
        })
        await waitFor(() => clients.every(({ isLive }) => isLive), { what: 'views', timeoutMs: WAIT_MS })
        return clients
      }
    }
  )

const VIEWS = 40
const topic = (kind: string): string => `evt.summit.MTDome.0.${kind}`
