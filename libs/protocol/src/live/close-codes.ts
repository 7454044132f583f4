/** WebSocket close codes the gateway uses, and whether a client should come back. */
export const CLOSE = {
  /** The client asked for it, or moved elsewhere. */
  normal: { code: 1000, reconnect: false },
  /** A frame was not of the protocol, repeatedly. */
  protocolError: { code: 1002, reconnect: false },
  /** Larger than the limit on one frame. */
  tooLarge: { code: 1009, reconnect: false },
  /** The gateway is going: resume on another with the cursor. */
  goingAway: { code: 1012, reconnect: true },
  /** Overloaded, or the client could not keep up: resume later with the cursor. */
  tryLater: { code: 1013, reconnect: true },
  /** Nobody is logged in here any more: refresh the session or log in, then come back. */
  loggedOut: { code: 4401, reconnect: false },
  /** The principal has no right to be here. */
  forbidden: { code: 4403, reconnect: false }
} as const

/** Sub-protocols of the WebSocket, best first. */
export const SUBPROTOCOLS = ['meridian.v1.msgpack', 'meridian.v1.json'] as const
export type Subprotocol = (typeof SUBPROTOCOLS)[number]
