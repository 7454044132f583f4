// Socket.IO: a room for each topic, into which each message of NATS is emitted. A process of its own for the
// bench `peers`, with the broker's address and a port as arguments.

import { createServer } from 'node:http'
import { connectBroker } from '@meridian/broker'
import { createTestLog } from '@meridian/testing'
import { Server } from 'socket.io'

const [url = '', port] = process.argv.slice(2)
const http = createServer()
const io = new Server(http, { transports: ['websocket'], serveClient: false, perMessageDeflate: false })
io.on('connection', socket => {
  socket.on('join', (topics: string[], done: () => void) => {
    void socket.join(topics)
    done()
  })
})

const broker = await connectBroker({ servers: url, name: 'peer', log: createTestLog() })
broker.subscribe('bench.>', message => void io.to(message.subject).emit('m', message.text()))
await broker.flush()
http.listen(Number(port), '127.0.0.1')
