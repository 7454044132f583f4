/** The cases of WebSocket itself once more, in pieces that leave one by one, while others are served. */
import t from 'tap'
import { startGateway } from '../test/gateway-process.ts'
import { LiveClient } from '../test/live-client.ts'
import { startObservatory } from '../test/observatory.ts'
import { runCase } from '../test/run-websocket-case.ts'
import { webSocketCases } from '../test/websocket-cases.ts'

/** Sizes of the pieces; a case in more pieces than this is left to the larger ones. */
const CHOPS = [1, 7, 997]
const MOST_PIECES = 2_000
const AT_ONCE = 8

t.setTimeout(580_000)
const site = await startObservatory()
t.teardown(() => site.stop())
const gateway = await startGateway(site.nats.url)
t.teardown(() => gateway.end('SIGKILL'))

for (const chop of CHOPS)
  t.test(`pieces of ${chop} bytes change nothing, and disturb nobody`, async t => {
    const witness = await LiveClient.open(gateway.port)
    witness.send({ op: 'subscribe', id: 1, patterns: [{ pattern: `evt.summit.Chop${chop}.>` }] })
    await witness.next('live')
    const cases = webSocketCases.filter(({ bytes }) => bytes.length / chop <= MOST_PIECES)
    let rounds = 0
    for (; rounds * AT_ONCE < cases.length; rounds++) {
      const some = cases.slice(rounds * AT_ONCE, (rounds + 1) * AT_ONCE)
      await Promise.all([
        site.put(`evt.summit.Chop${chop}.0.round`, { round: rounds }),
        ...some.map(one => runCase(t, gateway.port, one, chop))
      ])
    }
    await witness.hasSeen(rounds)
    t.same(
      witness.seen.map(({ fields }) => fields['round']),
      Array.from({ length: rounds }, (_, round) => round)
    )
    t.ok(cases.length > 100)
    witness.ws.close()
  })

t.test('the gateway says nothing of it', async t => {
  t.notMatch(gateway.output(), /"level":[56]0/)
  t.equal(gateway.child.exitCode, null)
})
