import { fileURLToPath } from 'node:url'
import { connectBroker, ensureStreams, streamTable } from '@meridian/broker'
import { createTestLog, startNats, startService, waitFor } from '@meridian/testing'
import t from 'tap'

/** The stream that each awaits first, and the component as which it beats. */
const SERVICES: Readonly<Record<string, readonly [stream: string, csc?: string]>> = {
  producer: ['TEL', 'Producer'],
  gateway: ['TEL', 'Gateway'],
  commander: ['COMMANDS', 'Commander'],
  api: ['TEL']
}

const folderOf = (service: string): string =>
  fileURLToPath(new URL(`../services/${service}`, import.meta.url))

for (const [service, [stream, csc]] of Object.entries(SERVICES))
  t.test(`${service} without its streams says which it awaits, and serves once they are there`, async t => {
    const nats = await startNats()
    t.teardown(() => nats.stop())
    const running = await startService(
      folderOf(service),
      { NATS_URL: nats.url, SITE: 'summit', PROCESS_INDEX: '7' },
      'waiting for a stream'
    )
    t.teardown(() => running.stop())
    const readiness = async (): Promise<{ status: number; body: unknown }> => {
      const answer = await fetch(`${running.address}/readyz`)
      return { status: answer.status, body: await answer.json() }
    }
    await waitFor(async () => (await readiness()).status === 503, { what: 'the probe' })
    t.match(await readiness(), { body: { why: `waiting for stream ${stream}` } })
    t.equal((await fetch(`${running.address}/startupz`)).status, 503)

    const broker = await connectBroker({ servers: nats.url, name: 'test', log: createTestLog() })
    t.teardown(() => broker.drain())
    const beats = new Set<string>()
    broker.subscribe('hb.summit.>', ({ subject }) => void beats.add(subject))
    await broker.flush()
    await ensureStreams(broker, streamTable('summit', 'laptop'), createTestLog())
    await waitFor(async () => (await readiness()).status === 200, { what: `${service} to be ready` })
    if (csc !== undefined)
      await waitFor(() => beats.has(`hb.summit.${csc}.7`), { what: `${csc}'s heartbeat` })
    const waited = running.lines
      .filter(line => line.includes('waiting for a stream'))
      .map(line => JSON.parse(line) as { code: string; stream: string })
    t.match(waited[0], { stream, code: 'BRK_NO_STREAM' })
    t.equal(new Set(waited.map(line => line.stream)).size, waited.length, 'one line a stream')
    running.child.kill('SIGTERM')
    t.equal(await running.gone, 0)
  })

t.test('a site that reads mirrors which nobody made awaits them by their names', async t => {
  const nats = await startNats()
  t.teardown(() => nats.stop())
  const broker = await connectBroker({ servers: nats.url, name: 'test', log: createTestLog() })
  t.teardown(() => broker.drain())
  await ensureStreams(broker, streamTable('summit', 'laptop'), createTestLog())
  const settings = { NATS_URL: nats.url, SITE: 'summit', BROKER_SITE: 'base' }
  const api = await startService(folderOf('api'), settings, 'waiting for a stream')
  t.teardown(() => api.stop())
  const answer = await fetch(`${api.address}/readyz`)
  t.same(await answer.json(), {
    ...{ ready: false, why: 'waiting for stream TEL_summit' },
    access: { mode: 'open', role: 'operator' }
  })
})
