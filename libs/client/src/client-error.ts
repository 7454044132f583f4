import type { Facts, WireError } from '@meridian/errors'

/**
 * Codes that the client raises itself. They repeat rows of the table in @meridian/errors on purpose:
 * importing the table would put every server's messages into the page's bundle. A test compares the two.
 */
export const sdkErrors = {
  SDK_CLOSED: { message: 'client was closed', canRetry: false },
  SDK_BAD_URL: { message: 'address of the gateway is malformed', canRetry: false },
  SDK_BAD_COMMAND: { message: 'command is not of the protocol, it was not sent', canRetry: false },
  SDK_CONNECTION_LOST: { message: 'connection to the gateway was lost', canRetry: true },
  SDK_REFUSED: { message: 'gateway ended the connection for good', canRetry: false },
  SDK_COMMAND_NOT_SENT: { message: 'no gateway in time, the command was not sent', canRetry: true },
  SDK_COMMAND_UNANSWERED: {
    message: 'no answer came in time, whether the command was accepted is not known',
    canRetry: false
  },
  SDK_COMMAND_UNTRACKED: {
    message: 'stages of the command were missed, its outcome is with the api',
    canRetry: false
  }
} as const satisfies Record<string, Pick<WireError, 'message' | 'canRetry'>>

/** A code that the client raises itself; all of them begin with `SDK_`. */
export type SdkCode = keyof typeof sdkErrors

/**
 * An error with a code: one of the client's own, or one that a service sent. `canRetry` tells whether asking
 * again can help.
 */
export class ClientError extends Error implements WireError {
  readonly code: string
  readonly canRetry: boolean
  readonly facts?: Facts

  constructor(wire: WireError) {
    super(wire.message)
    this.name = 'ClientError'
    this.code = wire.code
    this.canRetry = wire.canRetry
    if (wire.facts !== undefined) this.facts = wire.facts
  }
}

/** One of the client's own errors as data. */
export function sdkError(code: SdkCode, facts?: Facts): WireError {
  const { message, canRetry } = sdkErrors[code]
  const wire = { code, message: `${code}: ${message}`, canRetry }
  return facts === undefined ? wire : { ...wire, facts }
}
