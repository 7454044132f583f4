import type { WireError } from '@meridian/errors'
import type { AckRecord, CommandAccepted } from '@meridian/protocol/commands'
import type { ControlRecord, PatternRequest, StreamGap } from '@meridian/protocol/live'

/** The part of a WebSocket that the client uses; a browser's own and that of `ws` both have it. */
export interface WebSocketLike {
  binaryType: string
  readonly protocol: string
  onopen: ((event: never) => void) | null
  onmessage: ((event: { data: unknown }) => void) | null
  onclose: ((event: { code: number; reason: string }) => void) | null
  onerror: ((event: never) => void) | null
  send(data: string | Uint8Array<ArrayBuffer>): void
  close(code?: number, reason?: string): void
}

/** How a socket is made; the default takes the browser's WebSocket, or `ws` in Node. */
export type OpenSocket = (
  url: string,
  protocols: readonly string[],
  token: string | undefined
) => WebSocketLike

/** Options of `createClient`. Only `url` is needed. */
export interface ClientOptions {
  /**
   * Address of the gateway's door: `ws://…/live`, `wss://`, `http://` or `https://`; in a browser also a path
   * such as `/live`.
   */
  readonly url: string
  /** Codec: MessagePack unless told otherwise. JSON is for reading along by eye. */
  readonly protocol?: 'msgpack' | 'json'
  /** Bearer token of a program; a browser carries its cookie instead and ignores it. */
  readonly token?: string
  /** Another WebSocket class than the browser's or that of `ws`. */
  readonly WebSocket?: new (
    url: string,
    protocols: string[]
  ) => WebSocketLike
  /**
   * Milliseconds between two pings; default 5000. Sooner after two fifths of it without a message. Silence of
   * two such periods ends a connection as half-open.
   */
  readonly pingMs?: number
  /**
   * First and longest bound of the back-off, and the healthy time that resets it; defaults 250, 10_000 and
   * 30_000.
   */
  readonly backoff?: { readonly baseMs?: number; readonly capMs?: number; readonly healthyMs?: number }
}

/**
 * Where the connection stands. `waiting` is the pause before the next attempt; `closed` is final until
 * `connect()`.
 */
export type ClientState = 'idle' | 'connecting' | 'live' | 'waiting' | 'closed'

/**
 * What a page should show about its connection. All `…Ms` instants are `performance.timeOrigin +
 * performance.now()`: milliseconds that nobody can set, near UTC for as long as nobody set the machine's clock.
 */
export interface ClientStatus {
  readonly state: ClientState
  /** Name of the gateway, once it said welcome. */
  readonly gateway?: string
  readonly site?: string
  readonly principal?: string
  /** What the gateway says of its broker: while `lost`, and while we are not live, values grow old. */
  readonly broker: 'connected' | 'lost' | 'unknown'
  /**
   * What the gateway holds back because this client reads more slowly than it is sent to: `slower`, last values
   * of telemetry at most four times a second; `latest`, once a second, and no more than last values where every
   * message was asked for; `paused`, no telemetry. Events and acknowledgements always come whole. `none` when
   * everything comes, and while there is no connection.
   */
  readonly degraded: Extract<ControlRecord, { op: 'degraded' }>['step']
  /** When `state` became what it is. */
  readonly sinceMs: number
  /** When the gateway was last heard, whatever it said. */
  readonly lastMessageMs?: number
  /** When the last update of any subscription came, however old it was itself. */
  readonly lastUpdateMs?: number
  /** Failed attempts since the connection was last healthy. */
  readonly attempt: number
  /**
   * The gateway's clock as UTC minus the clock of these instants, ms. Measured with every ping, and at once
   * when the machine's clock jumps.
   */
  readonly clockOffsetMs?: number
  /** When the gateway's clock was last read. */
  readonly clockMeasuredMs?: number
  /** Time from the last ping to its answer, ms. */
  readonly roundTripMs?: number
  /** Why the connection ended, in `closed` and `waiting`. */
  readonly error?: WireError
}

/** A subject taken apart, once per topic. */
export interface SubjectParts {
  readonly class: string
  readonly site: string
  /** `Script` for the events of a Script run. */
  readonly csc: string
  readonly index: number
  /** Name of the topic; empty for heartbeats; the command id for `ack.`. */
  readonly topic: string
  /** Decoded key of a keyed topic: which of its objects this is about. */
  readonly key?: string
  /** Number of the queue that runs a Script. */
  readonly queue?: number
}

/** One message of one topic. `F` is the type of its fields, where the caller knows it. */
export interface Update<F extends object = Readonly<Record<string, unknown>>> {
  readonly subject: string
  readonly parts: SubjectParts
  /** Number of the message in its stream. */
  readonly seq: number
  /** When the source sent it, TAI seconds by the source's own clock. */
  readonly time: number
  /** When the observatory received it, TAI seconds by its clock: the same as `time` where they agree. */
  readonly received: number
  /**
   * As sent: in MessagePack numbers are numbers and integers beyond 2^53 a `bigint`; in JSON `"NaN"`,
   * `"Infinity"`, `"-Infinity"` and such integers are strings.
   */
  readonly fields: F
  /** A last value given on (re)subscription, not something that happens now. */
  readonly snapshot: boolean
  /** The catalogue knows nothing of this topic. */
  readonly uncatalogued: boolean
}

/**
 * What became of a stream while a subscription was away, or a `gap` that its gateway met: what is lost for
 * good lies inside, what came in spite of that has been handed over. A `reset` voids all sequence numbers.
 */
export type Outcome =
  | { readonly kind: 'resumed' | 'snapshot' | 'reset'; readonly stream: string }
  | ({ readonly kind: 'gap'; readonly stream: string } & StreamGap)

/** A pattern that the gateway did not accept, and why. */
export interface RefusedPattern {
  readonly pattern: string
  readonly error: WireError
}

/**
 * What a subscription calls. Only `onData` is needed. A handler that throws is reported by `reportError` and
 * disturbs nothing.
 */
export interface SubscriptionHandlers<F extends object = Readonly<Record<string, unknown>>> {
  onData(update: Update<F>): void
  /** Snapshot or replay complete; again after each reconnection. */
  onLive?(): void
  /** What a reconnection or a reset of a stream meant for this subscription. */
  onOutcome?(outcome: Outcome): void
  /** After each WebSocket message that held updates for this subscription: the moment to draw. */
  onFlush?(): void
  onRefused?(refused: readonly RefusedPattern[]): void
}

/** A running subscription; it lives through reconnections until closed. */
export interface Subscription {
  close(): void
  /** Replaces its patterns; what still matches goes on, what is new begins with a snapshot. */
  update(patterns: readonly (string | PatternRequest)[]): void
}

/** A command for a component, and how long it may wait to be started. */
export interface CommandOptions {
  readonly csc: string
  readonly index: number
  readonly command: string
  readonly params?: Readonly<Record<string, unknown>>
  /** Seconds from acceptance after which it must not be started any more; default 10, at most 3600. */
  readonly notAfterSeconds?: number
  /** An id of one's own, to ask again for a command of before; a ULID in lower case. */
  readonly id?: string
}

/** Optional callbacks of a command; the final stage also resolves its promise. */
export interface CommandHandlers {
  /** Each stage after acceptance, in order, the final one included. */
  onStage?(record: AckRecord): void
}

/**
 * A command on its way. Both promises reject with a ClientError; a promise that nobody looks at is no
 * unhandled rejection.
 */
export interface CommandHandle {
  readonly id: string
  /** Recorded and to be executed, or refused with the commander's code. */
  readonly accepted: Promise<CommandAccepted>
  /** The final stage, whichever it is: look at `state`, and take `unknown` for what it says. */
  readonly done: Promise<AckRecord>
}

/** One client: one connection at a time, any number of subscriptions and commands on it. */
export interface Client {
  /** Opens the connection and keeps it open; subscriptions and commands made before wait for it. */
  connect(): void
  /**
   * Asks whether the connection still works, for a program that has a reason to doubt it: a pause between two
   * attempts ends, a gateway that does not answer within 4 s is left. The browser's `online` event does it too.
   */
  probe(): void
  /** Ends the connection and all subscriptions; commands under way reject with SDK_CLOSED. */
  close(): void
  status(): ClientStatus
  /** Calls `listener` on every change of status; returns what ends that. */
  onStatus(listener: (status: ClientStatus) => void): () => void
  subscribe<F extends object = Readonly<Record<string, unknown>>>(
    patterns: readonly (string | PatternRequest)[],
    handlers: SubscriptionHandlers<F>
  ): Subscription
  command(options: CommandOptions, handlers?: CommandHandlers): CommandHandle
}
