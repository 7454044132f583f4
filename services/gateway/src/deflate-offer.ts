import { extension } from 'ws'

declare module 'ws' {
  /** Left out of the published types. */
  const extension: { parse(header: string): Readonly<Record<string, readonly Parameters[]>> }
}

const NAME = 'permessage-deflate'
const WINDOW_BITS = /^([89]|1[0-5])$/

/** Parameters of one offer by name, with each value that was given: true where there was none. */
type Parameters = Readonly<Record<string, readonly (string | true)[]>>

/**
 * The first offer of `permessage-deflate` in a `Sec-WebSocket-Extensions` header that we take, reduced to what
 * binds us; undefined where there is none. An offer with a parameter that is unknown, twice there or out of
 * bounds is declined, and the next one considered [RFC 7692, 5 and 7.1]. Throws SyntaxError where the header
 * is not of its form.
 */
export function takenOffer(header: string): string | undefined {
  const taken = extension.parse(header)[NAME]?.find(isTaken)
  if (taken === undefined) return undefined
  const bits = taken['server_max_window_bits']?.[0]
  return bits === undefined ? NAME : `${NAME}; server_max_window_bits=${bits}`
}

const isTaken = (offer: Parameters): boolean =>
  Object.entries(offer).every(([name, values]) => values.length === 1 && isValid(name, values[0]))

function isValid(name: string, value: string | true | undefined): boolean {
  switch (name) {
    case 'server_no_context_takeover':
    case 'client_no_context_takeover':
      return value === true
    case 'server_max_window_bits':
      return typeof value === 'string' && WINDOW_BITS.test(value)
    case 'client_max_window_bits':
      return value === true || (value !== undefined && WINDOW_BITS.test(value))
    default:
      return false
  }
}
