import type { IncomingMessage } from 'node:http'
import type { WireError } from '@meridian/errors'
import { encodeMsgpack } from '@meridian/msgpack'
import { CLOSE } from '@meridian/protocol/live'
import { WebSocket } from 'ws'
import { sdkError } from './client-error.ts'
import type { OpenSocket, WebSocketLike } from './types.ts'

const MAX_FRAME_BYTES = 64 * 1024 * 1024
const MAX_REFUSAL_BYTES = 64 * 1024

/** `ws`: Node 20 has no WebSocket of its own, and later ones cannot send a token nor tell why an upgrade was refused. */
export const openSocket: OpenSocket = (url, protocols, token) => {
  const socket = new WebSocket(url, [...protocols], {
    perMessageDeflate: false,
    maxPayload: MAX_FRAME_BYTES,
    ...(token === undefined ? {} : { headers: { authorization: `Bearer ${token}` } })
  })
  const isJson = protocols.every(name => name.endsWith('json'))
  socket.on('unexpected-response', (_request, response) => {
    void refusalOf(response).then(error => tellRefused(socket, error, isJson))
  })
  return socket as unknown as WebSocketLike
}

/** Tells of a refused upgrade as a gateway tells a page: by an error on the connection, and its close. */
function tellRefused(socket: WebSocket, error: WireError, isJson: boolean): void {
  const { onmessage, onclose } = socket as unknown as WebSocketLike
  socket.onclose = null
  socket.on('error', () => {})
  socket.terminate()
  const records = [{ op: 'error', error }]
  onmessage?.({ data: isJson ? JSON.stringify(records) : bufferOf(encodeMsgpack(records)) })
  onclose?.({ code: (error.canRetry ? CLOSE.tryLater : CLOSE.forbidden).code, reason: error.code })
}

const bufferOf = (bytes: Uint8Array): ArrayBuffer => Uint8Array.from(bytes).buffer

/** What the gateway says of its refusal, or a proxy before it by its status; with the seconds of `Retry-After`. */
async function refusalOf(response: IncomingMessage): Promise<WireError> {
  const { statusCode: status = 0, headers } = response
  const own = await textOf(response)
    .then(codedIn)
    .catch(() => undefined)
  const mayPass = status >= 500 || status === 408 || status === 425 || status === 429
  const error = own ?? sdkError(mayPass ? 'SDK_CONNECTION_LOST' : 'SDK_REFUSED', { status })
  const seconds = Number(headers['retry-after'])
  return seconds > 0 ? { ...error, facts: { retryAfterSeconds: seconds, ...error.facts } } : error
}

async function textOf(response: IncomingMessage): Promise<string> {
  let text = ''
  for await (const chunk of response.setEncoding('utf8')) {
    text += chunk
    if (text.length > MAX_REFUSAL_BYTES) break
  }
  return text
}

function codedIn(text: string): WireError | undefined {
  const { error } = JSON.parse(text) as { readonly error?: Partial<WireError> }
  const isCoded = typeof error?.code === 'string' && typeof error.message === 'string'
  return isCoded && typeof error.canRetry === 'boolean' ? (error as WireError) : undefined
}
