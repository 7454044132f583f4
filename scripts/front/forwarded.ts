import type { IncomingHttpHeaders, IncomingMessage } from 'node:http'
import { TLSSocket } from 'node:tls'

/** Headers about one connection, which end at a proxy (RFC 9110, 7.6.1). */
const PER_CONNECTION = ['connection', 'keep-alive', 'proxy-connection', 'te', 'upgrade', 'http2-settings']
/** Headers that only a proxy may write: what a client sends under these names is its own invention. */
const FORWARDED = /^(forwarded|x-forwarded-.*|x-real-ip)$/

/** Says for whom the front asks, in place of whatever the client itself said. */
export function setForwarded({ headers, socket }: IncomingMessage): void {
  for (const name of Object.keys(headers)) if (FORWARDED.test(name)) delete headers[name]
  headers['x-forwarded-for'] = socket.remoteAddress ?? ''
  headers['x-forwarded-proto'] = socket instanceof TLSSocket ? 'https' : 'http'
  if (headers.host !== undefined) headers['x-forwarded-host'] = headers.host
}

/** How long the body is and where it goes: of the message, whatever `connection` says of it (RFC 9110, 7.6.1). Without them a body is read as the next request. */
const OF_MESSAGE: readonly string[] = ['content-length', 'transfer-encoding', 'host']

/** Removes what concerns one connection alone, the headers that `connection` names included. */
export function dropPerConnection(headers: IncomingHttpHeaders): void {
  const named = (headers.connection ?? '').split(',').map(name => name.trim().toLowerCase())
  for (const name of [...PER_CONNECTION, ...named]) if (!OF_MESSAGE.includes(name)) delete headers[name]
}

/** Whether a client wants its connection closed after the answer; also when `dropPerConnection` has run. */
export function asksToClose({ rawHeaders }: Pick<IncomingMessage, 'rawHeaders'>): boolean {
  return rawHeaders.some(
    (value, at) =>
      at % 2 === 1 && rawHeaders[at - 1]?.toLowerCase() === 'connection' && /\bclose\b/i.test(value)
  )
}
