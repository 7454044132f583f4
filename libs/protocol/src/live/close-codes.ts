/**
 * The close codes of `CLOSE` after which a client does not come back by itself: what ended the connection would end it
 * again. A list of its own, because it is all that the SDK needs.
 */
export const FINAL_CODES: ReadonlySet<number> = new Set([1000, 1002, 1009, 4401, 4403])

/** WebSocket close codes that the gateway uses; what a client should do is said at each. */
export const CLOSE = {
  /** The client asked for it, or moved elsewhere. */
  normal: { code: 1000 },
  /** A frame was not of the protocol, repeatedly. */
  protocolError: { code: 1002 },
  /** Larger than the limit on one frame. */
  tooLarge: { code: 1009 },
  /** The gateway is going: resume on another with the cursor. */
  goingAway: { code: 1012 },
  /** Overloaded, or the client could not keep up: resume later with the cursor. */
  tryLater: { code: 1013 },
  /** Nobody is logged in here any more: refresh the session or log in, then come back. */
  loggedOut: { code: 4401 },
  /** The principal has no right to be here. */
  forbidden: { code: 4403 }
} as const

/**
 * Sub-protocols of the WebSocket, the better one first. Of several that a client offers, its first one that
 * is here is spoken.
 */
export const SUBPROTOCOLS = ['meridian.v1.msgpack', 'meridian.v1.json'] as const
/** One of SUBPROTOCOLS; it decides how the messages of a connection are encoded. */
export type Subprotocol = (typeof SUBPROTOCOLS)[number]
