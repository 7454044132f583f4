// What one writes first: a server that sends each message of NATS to each client of its topic with `ws`. A
// process of its own for the bench `peers`, with the broker's address and a port as arguments.

import { connectBroker } from '@meridian/broker'
import { createTestLog } from '@meridian/testing'
import { type WebSocket, WebSocketServer } from 'ws'

const [url = '', port] = process.argv.slice(2)
const rooms = new Map<string, Set<WebSocket>>()
const broker = await connectBroker({ servers: url, name: 'peer', log: createTestLog() })
broker.subscribe('bench.>', ({ subject, data }) => {
  for (const client of rooms.get(subject) ?? []) client.send(data)
})
await broker.flush()

function join(client: WebSocket, topic: string): void {
  const room = rooms.get(topic) ?? new Set()
  rooms.set(topic, room.add(client))
  client.on('close', () => room.delete(client))
}

const server = new WebSocketServer({ host: '127.0.0.1', port: Number(port), perMessageDeflate: false })
server.on('connection', client => {
  client.on('error', () => {})
  client.setMaxListeners(0)
  client.once('message', data => {
    for (const topic of JSON.parse(String(data)) as string[]) join(client, topic)
    client.send('[]')
  })
})
