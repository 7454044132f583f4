import type { CommandRequest } from './command-request.ts'

/**
 * What a client says to the gateway: one object per WebSocket message, told apart by `op`. `docs/protocol.md`
 * is the text; these are the shapes after parsing.
 */

/** How a pattern's messages are delivered [docs/protocol.md#client-to-gateway-one-object-per-message]. */
export const QUALITIES = ['all', 'latest', 'minmax'] as const
/** One of QUALITIES. */
export type Quality = (typeof QUALITIES)[number]

/** Deliveries per second that `latest` and `minmax` may ask for. */
export const RATES = [20, 10, 5, 2, 1, 0.2] as const
/** One of RATES: deliveries per second at most. */
export type Rate = (typeof RATES)[number]

/**
 * One pattern of a subscription. Without `quality`: `all` for evt., ack., script., `latest` at 10/s for tel.
 * and hb.
 */
export interface PatternRequest {
  readonly pattern: string
  readonly quality?: Quality
  /** Of `latest` and `minmax`, default 10; refused where the pattern comes in `all`, asked for or by default. */
  readonly rate?: Rate
  /** Only these public fields; absent means all. */
  readonly fields?: readonly string[]
}

/** One subscription: its number is the client's; asking again with the same number replaces it. */
export interface SubscriptionRequest {
  readonly id: number
  readonly patterns: readonly PatternRequest[]
}

/** What a client may say: one message, told apart by `op`. */
export type ClientFrame =
  | ({ readonly op: 'subscribe' } & SubscriptionRequest)
  | { readonly op: 'unsubscribe'; readonly id: number }
  /** Sets all subscriptions at once and replays what `all` missed since the cursor. */
  | { readonly op: 'resume'; readonly cursor: string; readonly subscriptions: readonly SubscriptionRequest[] }
  | CommandRequest
  /** A newer access token of the same session, so that the connection may outlive the one that it began with. */
  | { readonly op: 'authenticate'; readonly id: number; readonly token: string }
  | { readonly op: 'ping'; readonly id: number }
