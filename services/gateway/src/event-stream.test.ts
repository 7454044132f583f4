import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { type AddressInfo, connect } from 'node:net'
import type { Hub, Subscriber } from '@meridian/fanout'
import { waitFor } from '@meridian/testing'
import t, { type Test } from 'tap'
import type { ConnectionParts } from './connection.ts'
import { EventStream } from './event-stream.ts'

/** A stream that resumes and gets no answer, of a real request, or of the second one of its connection. */
async function openStream(t: Test, requests: 1 | 2) {
  const asked: [IncomingMessage, ServerResponse][] = []
  const server = createServer((request, response) => asked.push([request, response])).listen(0, '127.0.0.1')
  t.teardown(() => server.close())
  await once(server, 'listening')
  const client = connect((server.address() as AddressInfo).port, '127.0.0.1').resume()
  t.teardown(() => client.destroy())
  client.write('GET / HTTP/1.1\r\nHost: x\r\n\r\n'.repeat(requests))
  await waitFor(() => asked.length === requests, { what: 'the requests' })
  const [request, response] = asked.at(-1) as [IncomingMessage, ServerResponse]
  const subscriber = { resume: () => new Promise(() => {}), close() {}, flush() {} } as unknown as Subscriber
  const hub = { attach: () => subscriber } as unknown as Hub
  let closed = 0
  const parts = { hub, maxWorkPerSecond: 1, drawAgeMs: () => 1, onClosed: () => closed++ }
  const stream = new EventStream(parts as unknown as ConnectionParts, {
    ...{ response, socket: request.socket, query: { patterns: [], cursor: {} }, onBegin() {} },
    ...{ principal: { name: 'ada', roles: [] }, address: '127.0.0.1' }
  })
  void stream.start()
  return { stream, client, socket: request.socket, closed: () => closed }
}

t.test('a stream whose response never gets the socket ends with it, once', async t => {
  const { client, socket, closed } = await openStream(t, 2)
  client.destroy()
  if (!socket.closed) await once(socket, 'close')
  t.equal(closed(), 1)
})

t.test(
  'what is dropped is told at once, whether the response has a socket or not, and told once',
  async t => {
    for (const requests of [1, 2] as const) {
      const { stream, client, socket, closed } = await openStream(t, requests)
      stream.drop()
      t.equal(closed(), 1)
      stream.drop()
      client.destroy()
      if (!socket.closed) await once(socket, 'close')
      t.equal(closed(), 1)
    }
  }
)

t.test('who waits for the answer to a resume is here for as long as he is pinged', async t => {
  const { stream } = await openStream(t, 1)
  const before = stream.seenMs
  while (performance.now() === before) await new Promise(setImmediate)
  stream.ping()
  t.ok(stream.seenMs > before)
})
