import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { waitFor } from '@meridian/testing'
import t, { type Test } from 'tap'
import { createClient } from '../src/index.ts'
import type { ClientOptions } from '../src/types.ts'

/** An HTTP answer to an upgrade, and what more of its head there is. */
interface Answer {
  readonly status: number
  readonly body?: string
  readonly head?: string
  /** Sends the head alone, and leaves the connection open. */
  readonly isHeld?: boolean
}

/** A client of a server that refuses each upgrade so; `asked` are the ms at which it came. */
async function refusedClient(
  t: Test,
  { status, body = '', head = '', isHeld = false }: Answer,
  options: Partial<ClientOptions> = {}
) {
  const asked: number[] = []
  let ended = 0
  const server = createServer().listen(0, '127.0.0.1')
  server.on('upgrade', (_request, socket) => {
    asked.push(performance.now())
    socket.on('error', () => {})
    // Half open otherwise: of a server's sockets the other end alone does not end both.
    socket.on('end', () => socket.end())
    socket.on('close', () => ended++).resume()
    const length = isHeld ? 9 : Buffer.byteLength(body)
    socket.write(`HTTP/1.1 ${status} No\r\n${head}content-length: ${length}\r\n\r\n${body}`)
    if (!isHeld) socket.end()
  })
  t.teardown(() => server.close())
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const client = createClient({
    url: `ws://127.0.0.1:${port}/live`,
    backoff: { baseMs: 1, capMs: 1 },
    ...options
  })
  t.teardown(() => client.close())
  client.connect()
  return { client, asked, ended: () => ended }
}

const coded = (code: string, canRetry: boolean, facts?: object): string =>
  JSON.stringify({ error: { code, message: `${code}: no`, canRetry, ...(facts && { facts }) } })

t.test('a refusal that coming back cannot mend ends the client with the code of the gateway', async t => {
  for (const protocol of ['msgpack', 'json'] as const) {
    const answer = { status: 401, body: coded('AUT_NO_TOKEN', false) }
    const { client, asked } = await refusedClient(t, answer, { protocol })
    await waitFor(() => client.status().state === 'closed', { what: 'its end' })
    t.match(client.status().error, { code: 'AUT_NO_TOKEN', message: 'AUT_NO_TOKEN: no' }, protocol)
    t.equal(asked.length, 1)
  }
})

t.test('a refusal without a code is told by its status', async t => {
  for (const status of [301, 403, 404]) {
    const { client } = await refusedClient(t, { status, body: '<h1>no such page</h1>' })
    await waitFor(() => client.status().state === 'closed', { what: 'its end' })
    t.match(client.status().error, { code: 'SDK_REFUSED', facts: { status } })
  }
})

t.test('what may pass is told and tried again, not before Retry-After', async t => {
  const full = { status: 503, body: coded('GTW_FULL', true, { limit: 1 }), head: 'Retry-After: 1\r\n' }
  const { client, asked } = await refusedClient(t, full)
  await waitFor(() => client.status().state === 'waiting', { what: 'a pause' })
  t.match(client.status().error, { code: 'GTW_FULL', facts: { limit: 1, retryAfterSeconds: 1 } })
  await waitFor(() => asked.length === 2, { what: 'another try' })
  const [first = 0, second = 0] = asked
  t.ok(second - first >= 990, `${second - first} ms`)
  for (const status of [429, 502]) {
    const proxy = await refusedClient(t, { status })
    await waitFor(() => proxy.asked.length >= 3, { what: 'more tries' })
    const error = await waitFor(() => proxy.client.status().error, { what: 'a reason', everyMs: 0 })
    t.match(error, { code: 'SDK_CONNECTION_LOST', facts: { status } })
    proxy.client.close()
  }
})

t.test(
  'a client that is closed while a refusal comes says nothing of it, and ends its connection',
  async t => {
    const { client, asked, ended } = await refusedClient(t, {
      status: 403,
      head: 'x-more: 1\r\n',
      isHeld: true
    })
    await waitFor(() => asked.length === 1, { what: 'its request' })
    client.close()
    await waitFor(() => ended() === 1, { what: 'the end of the connection' })
    t.equal(client.status().error, undefined)
  }
)
