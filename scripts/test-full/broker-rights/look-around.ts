import {
  type Broker,
  createFollower,
  lastValues,
  listStreams,
  messageAt,
  streamState
} from '@meridian/broker'
import {
  commanderAliveOf,
  everythingBelow,
  gatewayClientsOf,
  gatewayLoadOf,
  streamSubjects
} from '@meridian/subjects'
import { createTestLog } from '@meridian/testing'
import type { Test } from 'tap'
import { SITE } from '../keyed-site/facts.ts'

/** The streams that pages and the terminal read. */
export const READ = ['TEL', 'EVT', 'SCRIPT', 'COMMANDS'] as const
const log = createTestLog()

/** Looks with a key of an observer at whatever the commands of the terminal show, and closes its connection. */
export async function lookAround(t: Test, observer: Broker): Promise<void> {
  t.ok((await listStreams(observer)).length > 0)
  const onMessage = (): void => {}
  for (const stream of READ) {
    await streamState(observer, stream)
    await messageAt(observer, stream, 1)
  }
  for (const stream of READ.filter(name => name !== 'COMMANDS')) {
    const [pattern = ''] = streamSubjects(stream, SITE)
    const one = pattern.replace('>', 'x')
    for (const subjects of [[pattern], [`${one}.a`, `${one}.b`], [one]])
      for await (const _ of lastValues(observer, { stream, subjects })) break
    const follower = createFollower(observer, {
      ...{ name: 'tail', stream, start: { kind: 'last-per-subject' }, onMessage, onReset: onMessage, log }
    })
    await follower.start()
    await follower.whenReady()
    await follower.stop()
  }
  const heard = READ.flatMap(stream => streamSubjects(stream, SITE))
  const beside = [
    everythingBelow('rawTelemetry', { site: SITE }),
    gatewayLoadOf(SITE),
    commanderAliveOf(SITE)
  ]
  for (const pattern of [...heard, ...beside]) observer.subscribe(pattern, () => {})
  const request = async (subject: string): Promise<unknown> =>
    JSON.parse((await observer.request(subject, '', { timeoutMs: 5_000 })).text())
  t.match(await request(gatewayClientsOf(SITE)), { gateway: /./ })
  for (const asked of ['$SRV.PING', '$SRV.INFO']) t.match(await request(asked), { name: /./ }, asked)
  t.match(await request('$JS.API.STREAM.NAMES'), { streams: Array })
  for (const name of ['producer', 'gateway', 'commander', 'api', 'simulator'])
    for (const verb of ['PING', 'INFO', 'STATS']) t.match(await request(`$SRV.${verb}.${name}`), { name })
  await observer.drain()
}
