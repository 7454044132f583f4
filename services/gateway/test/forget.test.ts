import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { waitFor } from '@meridian/testing'
import t from 'tap'
import { startGateway } from './gateway-process.ts'
import { LiveClient } from './live-client.ts'
import { startObservatory } from './observatory.ts'

t.setTimeout(120_000)
const script = fileURLToPath(new URL('../../../scripts/forget.ts', import.meta.url))
const rogue = (index: number): string => `evt.summit.MTMount.${index}.summaryState`

t.test('pnpm forget removes a component from streams and gateways, and makes no gap for anybody', async t => {
  const site = await startObservatory()
  t.teardown(() => site.stop())
  await site.put(rogue(0))
  const gateway = await startGateway(site.nats.url, { RING_MS: '60000' })
  t.teardown(() => gateway.end('SIGKILL'))
  const everything = { id: 1, patterns: [{ pattern: 'evt.summit.>' }, { pattern: 'tel.summit.>' }] }
  const client = await LiveClient.open(gateway.port)
  client.send({ op: 'subscribe', ...everything })
  const { cursor } = await client.next('live')
  for (let n = 0; n < 3; n++) for (const index of [0, 5, 6]) await site.put(rogue(index))
  await site.put('tel.summit.MTMount.5.azimuth')
  await site.put('hb.summit.MTMount.5')
  await client.hasSeen(11)

  const args = ['--import', 'tsx', '--conditions=development', script, 'MTMount:5', 'MTMount:6']
  const child = spawn(process.execPath, [...args, '--nats', site.nats.url])
  let output = ''
  child.stdout.on('data', chunk => (output += chunk))
  t.same(await once(child, 'exit'), [0, null])
  t.equal(output, 'MTMount:5: removed 2 of TEL, 3 of EVT\nMTMount:6: removed 0 of TEL, 3 of EVT\n')
  await waitFor(() => /"index":6.*component is forgotten/.test(gateway.output()), { what: 'it is forgotten' })

  const fresh = await LiveClient.open(gateway.port)
  fresh.send({ op: 'subscribe', ...everything })
  t.match(await fresh.next('subscribed'), { topics: 1 })
  await fresh.next('live')
  t.same([...fresh.subjects.values()], [rogue(0)])
  const restarted = await startGateway(site.nats.url)
  t.teardown(() => restarted.end('SIGKILL'))
  for (const one of [gateway, restarted]) {
    const back = await LiveClient.open(one.port)
    back.send({ op: 'resume', cursor, subscriptions: [everything] })
    t.match(await back.next('resumed'), { streams: { EVT: 'resumed' } })
    await back.next('live')
    t.same([...new Set(back.seen.map(({ subject }) => subject))], [rogue(0)])
    t.equal(back.seen.length, 3)
    back.ws.close()
  }
  await site.put(rogue(0))
  await client.hasSeen(12)
  t.same(client.all('gap'), [])

  await site.put(rogue(5), { n: 'again' })
  await client.hasSeen(13)
  t.match(client.seen.at(-1), { subject: rogue(5), fields: { n: 'again' } }, 'what it says now is news')
  for (const c of [client, fresh]) c.ws.close()
})
