import type { AppError } from '@meridian/errors'
import { createFrameComposer, payloadOf } from '@meridian/fanout'
import { CLOSE, type Codec, encodeControl } from '@meridian/protocol/live'
import type { WebSocket } from 'ws'

/** The way out for pages that cannot be served now. */
export interface TurnAway {
  /** Whether one more page can be told. */
  hasRoom(): boolean
  /** Tells a page the reason, and closes with 1013, or with 4401 where it must log in first. */
  tell(ws: WebSocket, codec: Codec, error: AppError): void
}

/** Pages that are told at the same moment, and ms until the socket of one that does not answer is ended. */
const MAX_AT_ONCE = 100
const GRACE_MS = 1_000
/** When a page that was turned away should be back, ms. */
const BACK_MS = { afterMs: 1_000, deadlineMs: 10_000 } as const

/**
 * A page sees nothing of an upgrade that is refused, so it gets the reason on a connection that is open for no
 * longer than that takes. It is not greeted: to its client it never was connected. `onRefused` gets the code of
 * each.
 */
export function createTurnAway(onRefused: (code: string) => void): TurnAway {
  const composer = createFrameComposer()
  let open = 0
  return {
    hasRoom: () => open < MAX_AT_ONCE,
    tell(ws, codec, error) {
      open++
      onRefused(error.code)
      const isLoggedOut = error.entry.close === CLOSE.loggedOut.code
      const reason = encodeControl(codec, { op: 'error', error: error.toWire() })
      const records = isLoggedOut
        ? [reason]
        : [reason, encodeControl(codec, { op: 'reconnect', reason: 'overload', ...BACK_MS })]
      for (const frame of composer.compose(codec, records, records.length))
        ws.send(payloadOf(frame), { binary: codec === 'msgpack' })
      ws.close((isLoggedOut ? CLOSE.loggedOut : CLOSE.tryLater).code, error.code)
      const timer = setTimeout(() => ws.terminate(), GRACE_MS)
      ws.on('error', () => {})
      ws.once('close', () => {
        open--
        clearTimeout(timer)
      })
    }
  }
}
