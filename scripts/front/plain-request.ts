import type { IncomingMessage, Server } from 'node:http'
import { Server as HttpsServer } from 'node:https'
import type { Upgrade } from './upgrade.ts'

/** Whether a request asks for a WebSocket, the only upgrade that anything behind the front knows. */
export const isWebSocket = ({ method, headers }: IncomingMessage): boolean =>
  method === 'GET' && headers.upgrade?.toLowerCase() === 'websocket'

/**
 * Serves a request without the upgrade that it asks for, as a server may (RFC 9110, 7.8). Node hands every
 * upgrade over with its connection; here the request goes back into the connection without the header, and
 * the connection to the server.
 */
export function serveWithoutUpgrade(server: Server | HttpsServer, { request, socket, head }: Upgrade): void {
  const { method, url, rawHeaders } = request
  const lines = [`${method} ${url} HTTP/1.1`]
  for (let at = 0; at < rawHeaders.length; at += 2) {
    const [name = '', value = ''] = rawHeaders.slice(at, at + 2)
    if (!/^(connection|upgrade|http2-settings)$/i.test(name)) lines.push(`${name}: ${value}`)
  }
  socket.unshift(Buffer.concat([Buffer.from(`${lines.join('\r\n')}\r\n\r\n`, 'latin1'), head]))
  server.emit(server instanceof HttpsServer ? 'secureConnection' : 'connection', socket)
}
