import { setTimeout as sleep } from 'node:timers/promises'
import t from 'tap'
import { startGatewayInside } from '../test/gateway-inside.ts'
import { LiveClient } from '../test/live-client.ts'
import { startObservatory } from '../test/observatory.ts'

t.setTimeout(180_000)

/** Shorter and longer than the ten seconds or so after which the client library gives a connection up. */
for (const stoppedMs of [4_000, 9_500, 14_000])
  t.test(`a broker that stands still for ${stoppedMs} ms is one loss and one return`, async t => {
    const site = await startObservatory()
    t.teardown(() => site.stop())
    const gateway = await startGatewayInside(t, site.nats.url)
    const client = await LiveClient.open(gateway.port)
    await client.next('welcome')
    await site.nats.freeze()
    await sleep(stoppedMs)
    t.same(
      client.all('broker').map(({ broker }) => broker),
      ['lost'],
      'nobody says that it is back before it is'
    )
    site.nats.thaw()
    t.match(await client.next('broker', 2), { broker: 'connected' })
    await sleep(3_000)
    t.equal(client.all('broker').length, 2, 'and it stays so')
    client.ws.close()
  })
