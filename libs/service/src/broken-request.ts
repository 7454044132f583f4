import { type IncomingMessage, maxHeaderSize, STATUS_CODES } from 'node:http'
import type { Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { AppError, type Code, type CodeEntry, codes } from '@meridian/errors'
import { securityHeaders } from './security-headers.ts'

/**
 * Answers a request whose connection has no reply object, with a coded error as any route would send it, and
 * closes the connection. For what fails before the router (a request that is not HTTP) or after it (a
 * handshake).
 */
export function endWithError(socket: Duplex, error: AppError): void {
  if (!socket.writable) {
    socket.destroy()
    return
  }
  const body = JSON.stringify({ error: error.toWire() })
  const { http: status = 500 } = codes[error.code] as CodeEntry
  const head = [
    `HTTP/1.1 ${status} ${STATUS_CODES[status]}`,
    'content-type: application/json; charset=utf-8',
    `content-length: ${Buffer.byteLength(body)}`,
    'cache-control: no-store',
    'connection: close',
    ...Object.entries(securityHeaders).map(([name, value]) => `${name}: ${value}`)
  ]
  socket.once('finish', () => socket.destroy())
  socket.end(`${head.join('\r\n')}\r\n\r\n${body}`)
}

/**
 * Answers a request that Node could not read: broken HTTP, more headers than it takes, or one that came too
 * slowly.
 */
export function answerBrokenRequest(err: BrokenRequest, socket: Socket): void {
  if (err.code === 'ECONNRESET') socket.destroy()
  else endWithError(socket, errorOf(err))
}

/** What Node tells of a request that it could not read. */
type BrokenRequest = Error & {
  readonly code?: string
  /** The last bytes that came, of which Node read a part; its type differs between Node and Fastify. */
  readonly rawPacket?: unknown
}

/**
 * Answers a request that expects what no server here does. Without a listener on `checkExpectation` Node
 * answers 417 by itself, without a word.
 */
export function answerExpectation({ headers, socket }: IncomingMessage): void {
  const detail = `'expect' is '${headers.expect?.slice(0, 120)}'; expected: 100-continue, or none`
  endWithError(socket, new AppError('NET_BAD_REQUEST', { detail }))
}

/**
 * The error of a request without the Host that HTTP/1.1 demands, for which Node's own answer would have no words, and of
 * one with several (RFC 9112, 3.2): Node keeps the first, and who stands between may have gone by another.
 */
export function notOneHost({ headers, httpVersion, rawHeaders }: IncomingMessage): AppError | undefined {
  const hosts = rawHeaders.filter((name, at) => at % 2 === 0 && name.toLowerCase() === 'host').length
  if (hosts > 1)
    return new AppError('NET_BAD_REQUEST', { detail: `header 'host' came ${hosts} times; expected: once` })
  if (headers.host !== undefined || httpVersion === '1.0') return undefined
  return new AppError('NET_BAD_REQUEST', { detail: "header 'host' is missing" })
}

const MOST = `${Math.round(maxHeaderSize / 1024)} KB`

/** Reasons of Node, with our code and what is expected. */
const CODES: Readonly<Record<string, readonly [code: Code, detail: string]>> = {
  HPE_HEADER_OVERFLOW: ['NET_HEADERS_TOO_LARGE', `the address and all headers together may have ${MOST}`],
  ERR_HTTP_REQUEST_TIMEOUT: ['NET_TOO_SLOW', 'all of it is to come within some seconds']
}

function errorOf({ code: reason = '', rawPacket }: BrokenRequest): AppError {
  if (reason === 'HPE_HEADER_OVERFLOW' && isAddressTooLong(rawPacket))
    return new AppError('NET_ADDRESS_TOO_LONG', { detail: `with all headers it may have ${MOST}` })
  const [code, detail] = CODES[reason] ?? ['NET_BAD_REQUEST', 'what came is not HTTP/1.1']
  return new AppError(code, { detail })
}

/**
 * Whether an address alone is over the limit, as far as that can be seen: where it comes in several packets, Node keeps
 * the last one only.
 */
const isAddressTooLong = (packet: unknown): boolean =>
  Buffer.isBuffer(packet) && /^[A-Z]+ [^\r\n]*$/.test(packet.toString('latin1', 0, maxHeaderSize))
