import type { IncomingMessage, ServerResponse } from 'node:http'

/**
 * Whether an answer comes while its client still sends the body. Then the rest of it is read and thrown away,
 * and the answer must say `connection: keep-alive`: a connection that is closed over unread bytes is reset, and
 * the reset can overtake the answer (RFC 9112, 9.6). It is closed once the body is through, where the client
 * or `isLast` asks for that, or by the server's limit on the time of a request.
 */
export function isBeforeBody(request: IncomingMessage, response: ServerResponse, isLast = false): boolean {
  if (request.complete || !hasBody(request) || request.httpVersion !== '1.1') return false
  const { socket } = request
  response.once('finish', () => request.resume())
  if (isLast || /\bclose\b/i.test(request.headers.connection ?? ''))
    request.once('close', () => socket.destroySoon())
  return true
}

const hasBody = ({ headers }: IncomingMessage): boolean =>
  headers['content-length'] !== undefined || headers['transfer-encoding'] !== undefined
