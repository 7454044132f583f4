/**
 * Processes of one service under one index, as pods of a Deployment are: whoever watches the site is told that the
 * service fell silent when the last of them has ended, and of no rolling update [adr/0012].
 */
import { lastMessage } from '@meridian/broker'
import { startTestSite } from '@meridian/broker/testing'
import { decodeFields } from '@meridian/msgpack'
import { decodeSample } from '@meridian/sample'
import { heartbeatOf } from '@meridian/subjects'
import { type ServiceProcess, startSiteService, waitFor } from '@meridian/testing'
import t from 'tap'
import { SITE, startCommander } from '../test/harness.ts'

t.setTimeout(300_000)

/** A commander gives everybody 15 s after its own start, then 5 s of silence. */
const RECORDED_MS = 60_000
const { nats, broker, stop } = await startTestSite()
t.teardown(stop)
const commander = await startCommander(nats, { NAME: 'judge', PROCESS_INDEX: '9' })
t.teardown(() => commander.stop())
const beating = new Set<string>()
broker.subscribe(heartbeatOf({ site: SITE, csc: 'Gateway', index: 1 }), ({ data }) => {
  beating.add(decodeSample(data).identity)
})

async function startGateway(name: string, index: number): Promise<ServiceProcess> {
  const settings = { NAME: name, PROCESS_INDEX: String(index), DRAIN_MS: '2000' }
  const gateway = await startSiteService('gateway', nats, settings)
  t.teardown(() => gateway.stop())
  return gateway
}

async function drain(gateway: ServiceProcess): Promise<void> {
  gateway.child.kill('SIGTERM')
  t.equal(await gateway.gone, 0)
}

/** What the record says of a gateway; undefined where it never said anything. */
async function recorded(index: number): Promise<unknown> {
  const last = await lastMessage(broker, 'EVT', `evt.${SITE}.Liveness.0.component.Gateway=2E${index}`)
  return last && decodeFields(decodeSample(last.data).fields)['alive']
}

const untilRecorded = (index: number, alive: boolean): Promise<unknown> =>
  waitFor(async () => (await recorded(index)) === alive, {
    ...{ what: `Gateway:${index}, alive: ${alive}`, timeoutMs: RECORDED_MS, everyMs: 200 }
  })

const untilBeats = async (name: string): Promise<void> => {
  beating.clear()
  await waitFor(() => beating.has(name), { what: `a beat of ${name}`, timeoutMs: RECORDED_MS })
}

let last: ServiceProcess

t.test(
  'in a rolling update nobody is told that the service has left, while one that was alone is told',
  async t => {
    const [first, second, alone] = await Promise.all([
      startGateway('gateway-a', 1),
      startGateway('gateway-b', 1),
      startGateway('gateway-alone', 2)
    ])
    for (const name of ['gateway-a', 'gateway-b']) await untilBeats(name)
    last = await startGateway('gateway-c', 1)
    await untilBeats('gateway-c')
    await drain(first)
    await drain(second)
    await drain(alone)
    // Whoever ended before it would have been judged before it.
    await untilRecorded(2, false)
    t.equal(await recorded(1), undefined)
    await untilBeats('gateway-c')
    t.same([...beating], ['gateway-c'])
  }
)

t.test('when the last of them has ended it is told, and when one is there again', async () => {
  await drain(last)
  await untilRecorded(1, false)
  await startGateway('gateway-d', 1)
  await untilRecorded(1, true)
})
