import { request as ask, type IncomingMessage, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'

/** A client's upgrade, as Node hands it over. */
export interface Upgrade {
  readonly request: IncomingMessage
  readonly socket: Socket
  /** What the client sent after its request. */
  readonly head: Buffer
}

const UNAVAILABLE = 503

/** A target that says nothing for so long is passed over while there are others, ms: it may stand still. */
const PATIENCE_MS = 2_000

/**
 * Passes an upgrade on to `target`. Where that accepts, both connections are tied together; where it refuses,
 * the client gets its answer. Rejects when the connection is lost before either; the client has got nothing
 * then. A target that says 503, or nothing in two seconds, to one that is not `isLast` gives 'unavailable', and the
 * client has got nothing.
 */
export function passUpgrade(
  target: string,
  { request, socket, head }: Upgrade,
  isLast: boolean
): Promise<'passed' | 'unavailable'> {
  const { url: path = '/', headers } = request
  return new Promise((resolve, reject) => {
    const asked = ask(target, { path, headers, agent: false })
    const passOver = (): void => {
      if (isLast) return
      asked.destroy()
      resolve('unavailable')
    }
    const patience = setTimeout(passOver, PATIENCE_MS)
    socket.once('close', () => asked.destroy())
    asked.once('close', () => clearTimeout(patience))
    asked.once('error', reject)
    asked.once('upgrade', (answer, upstream, first) => {
      clearTimeout(patience)
      socket.write(`HTTP/1.1 101 Switching Protocols\r\n${linesOf(answer)}\r\n`, 'latin1')
      if (first.length > 0) upstream.unshift(first)
      if (head.length > 0) socket.unshift(head)
      tie(socket, upstream as Socket)
      resolve('passed')
    })
    asked.once('response', answer => {
      clearTimeout(patience)
      const isPassed = isLast || answer.statusCode !== UNAVAILABLE
      if (isPassed) passRefusal(answer, request, socket)
      else asked.destroy()
      resolve(isPassed ? 'passed' : 'unavailable')
    })
    asked.end()
  })
}

/** Neither half of an upgraded connection outlives the other. */
function tie(socket: Socket, upstream: Socket): void {
  for (const half of [socket, upstream]) half.setNoDelay(true).setKeepAlive(true)
  upstream.on('error', () => upstream.destroy())
  socket.once('close', () => upstream.destroy())
  upstream.once('close', () => socket.destroy())
  upstream.pipe(socket).pipe(upstream)
}

function passRefusal(answer: IncomingMessage, request: IncomingMessage, socket: Socket): void {
  const response = new ServerResponse(request)
  response.assignSocket(socket)
  response.once('finish', () => socket.end())
  const { 'transfer-encoding': _, 'keep-alive': __, ...headers } = answer.headers
  response.writeHead(answer.statusCode ?? 502, { ...headers, connection: 'close' })
  answer.once('error', () => socket.destroy())
  answer.pipe(response)
}

function linesOf({ rawHeaders }: IncomingMessage): string {
  return rawHeaders.map((text, at) => (at % 2 === 0 ? `${text}: ` : `${text}\r\n`)).join('')
}
