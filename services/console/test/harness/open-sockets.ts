import type { AddressInfo } from 'node:net'
import { type WebSocket, WebSocketServer } from 'ws'

/** Sockets on a free port that take whichever sub-protocol is offered first. */
export interface Sockets {
  readonly url: string
  stop(): void
}

/** Opens them; `visit` is told each connection. */
export async function openSockets(visit: (ws: WebSocket) => void): Promise<Sockets> {
  const sockets = new WebSocketServer({
    port: 0,
    host: '127.0.0.1',
    handleProtocols: offered => [...offered][0] ?? false
  })
  await new Promise(resolve => sockets.once('listening', resolve))
  sockets.on('connection', visit)
  return {
    url: `ws://127.0.0.1:${(sockets.address() as AddressInfo).port}/live`,
    stop() {
      for (const ws of sockets.clients) ws.terminate()
      sockets.close()
    }
  }
}
