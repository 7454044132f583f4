import { once } from 'node:events'
import { createServer } from 'node:net'
import t, { type Test } from 'tap'
import { localBroker } from './broker.ts'

/** Listens on a port until the test ends, unless somebody does already. */
async function occupy(t: Test, port: number): Promise<void> {
  const server = createServer().listen(port, '127.0.0.1')
  t.teardown(() => server.close())
  await once(server, 'listening').catch(() => undefined)
}

t.test('the broker stays on the port of the start before, and says where it cannot', async t => {
  const said = t.capture(console, 'log')
  const data = t.testdir()
  const start = async (conf?: string) => {
    const options = { data, site: 'summit', diskBytes: 1, ...(conf !== undefined && { conf }) }
    return Number(new URL((await localBroker(options)).url).port)
  }
  await occupy(t, 4222)
  const port = await start('# rights')
  t.not(port, 4222)
  t.equal(await start('# rights'), port)
  t.equal(await start(), port, 'without keys too, where the usual one is taken')
  t.notMatch(JSON.stringify(said()), /pnpm nats-context/)
  await occupy(t, port)
  const other = await start('# rights')
  t.not(other, port)
  t.match(
    JSON.stringify(said()),
    new RegExp(`port ${port}, .* is taken, and it is on ${other} now.*pnpm nats-context`)
  )
})
