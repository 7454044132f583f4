import { WebSocket } from 'ws'
import type { OpenSocket, WebSocketLike } from './types.ts'

const MAX_FRAME_BYTES = 64 * 1024 * 1024

/** `ws`: Node 20 has no WebSocket of its own, and later ones cannot send a token. */
export const openSocket: OpenSocket = (url, protocols, token) =>
  new WebSocket(url, [...protocols], {
    perMessageDeflate: false,
    maxPayload: MAX_FRAME_BYTES,
    ...(token === undefined ? {} : { headers: { authorization: `Bearer ${token}` } })
  }) as unknown as WebSocketLike
