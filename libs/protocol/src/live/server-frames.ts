import type { WireError } from '@meridian/errors'
import type { CommandAccepted } from '../commands/answer.ts'

/**
 * What the gateway says. One WebSocket message is an array of records, in order. A record that is an object
 * is control and told apart by `op`; a record that is an array is data: `[topicId, seq, time, fields, received?]`.
 */

/**
 * `topicId` as announced on this connection, `seq` of the stream, `time` in TAI seconds of the source, the
 * fields. `received`, TAI seconds of the observatory, when its producer read the message; left out where it is
 * within a second of `time`.
 */
export type DataRecord = readonly [
  topicId: number,
  seq: number,
  time: number,
  fields: Readonly<Record<string, unknown>>,
  received?: number
]

/** Sequence numbers of a stream among which some are lost; both ends belong to it. */
export interface StreamGap {
  readonly from: number
  readonly to: number
  /** The subjects that lost some, where only they did; at most 50. */
  readonly subjects?: readonly string[]
}

/** What became of one stream on resume [docs/protocol.md#cursor-and-resume]. */
export type StreamOutcome = 'resumed' | 'snapshot' | { readonly gap: StreamGap }

/** A record that is no data, told apart by `op`; a client passes over one that it does not know. */
export type ControlRecord =
  /** First record of a connection. `time` is the gateway's TAI seconds. */
  | {
      readonly op: 'welcome'
      readonly protocol: 1
      readonly gateway: string
      readonly site: string
      readonly principal: string
      readonly time: number
      readonly broker: 'connected' | 'lost'
    }
  /**
   * Numbers for subjects, before their first use on this connection. `uncatalogued` where the catalogue knows
   * nothing of it.
   */
  | {
      readonly op: 'topics'
      readonly topics: ReadonlyArray<readonly [id: number, subject: string, flags?: 'uncatalogued']>
    }
  /**
   * Answer to `subscribe` and, once per subscription, to `resume`: what follows up to `live` are last values.
   */
  | {
      readonly op: 'subscribed'
      readonly id: number
      readonly topics: number
      readonly refused: ReadonlyArray<{ readonly pattern: string; readonly error: WireError }>
    }
  /** The snapshot (or the replay) of subscription `id` is complete; `cursor` continues from here. */
  | { readonly op: 'live'; readonly id: number; readonly cursor: string }
  | { readonly op: 'unsubscribed'; readonly id: number }
  /** Answer to `resume`, before the `subscribed` ones. */
  | { readonly op: 'resumed'; readonly streams: Readonly<Record<string, StreamOutcome>> }
  /** The stream dropped these messages before the gateway had read them: they will not come. */
  | ({ readonly op: 'gap'; readonly stream: string } & StreamGap)
  /** All that `all` subscriptions had up to here has been sent: give it to `resume`. */
  | { readonly op: 'cursor'; readonly cursor: string }
  /** The answer to a command: accepted (its stages follow on `ack.`) or refused. */
  | { readonly op: 'command'; readonly id: string; readonly accepted: CommandAccepted }
  | { readonly op: 'command'; readonly id: string; readonly error: WireError }
  /**
   * Answer to `authenticate`: whole seconds until the token ends, by when a newer one is to be shown; without them where
   * nobody logs in, and the connection lasts.
   */
  | { readonly op: 'authenticated'; readonly id: number; readonly expiresIn?: number }
  | { readonly op: 'pong'; readonly id: number; readonly time: number }
  /** The gateway lost or found the broker; while lost, values grow old. */
  | { readonly op: 'broker'; readonly broker: 'connected' | 'lost'; readonly time: number }
  /** A stream went back or was made anew: cursors of it are void, a snapshot of its subscriptions follows. */
  | { readonly op: 'reset'; readonly stream: string }
  /**
   * The client does not read as fast as it is sent to, so it gets less than it asked for: `step` says how
   * much, `none` that it gets everything again [docs/protocol.md#slow-clients].
   */
  | { readonly op: 'degraded'; readonly step: 'none' | 'slower' | 'latest' | 'paused' }
  /**
   * Please reconnect between `afterMs` and `deadlineMs` from now; at the deadline the server closes with
   * 1012.
   */
  | {
      readonly op: 'reconnect'
      readonly reason: 'drain' | 'rebalance' | 'maxage' | 'overload'
      readonly afterMs: number
      readonly deadlineMs: number
    }
  /** Something the client sent was refused; `id` names the request where it had one. */
  | { readonly op: 'error'; readonly id?: number | string; readonly error: WireError }

/** One record of a message of the gateway: data is an array, all else an object. */
export type ServerRecord = ControlRecord | DataRecord
