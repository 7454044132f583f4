import type { OpenSocket, WebSocketLike } from './types.ts'

type BrowserSocket = new (url: string, protocols: string[]) => WebSocketLike

/** The platform's own WebSocket. The cookie travels by itself, a token cannot. */
export const openSocket: OpenSocket = (url, protocols) => {
  const { WebSocket } = globalThis as unknown as { readonly WebSocket: BrowserSocket }
  return new WebSocket(url, [...protocols])
}
