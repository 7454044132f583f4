import type { AppError } from '@meridian/errors'
import type { Logger } from 'pino'
import type { StreamNames } from './stream-names.ts'

/** Which servers to connect to, and how the connection behaves. */
export interface BrokerOptions {
  /** One address or several separated by commas. */
  readonly servers: string
  /** What this connection is called in the broker's own tools; made unique by a suffix. */
  readonly name: string
  readonly log: Logger
  /** Prefix of reply subjects, where permissions ask for one of its own. */
  readonly inboxPrefix?: string
  /** File of the nkey seed that the process proves itself with; default: it has no name at the broker. */
  readonly nkeyFile?: string
  /** File of the CA that signed the broker's certificate: speaks TLS from the first byte. Default: no TLS. */
  readonly caFile?: string
  /**
   * The word below which this process asks JetStream, `$JS.API.<word>.STREAM.UPDATE.TEL`, where the broker changes streams
   * for nobody else [docs/adr/0018-rights-at-the-broker.md]. Default: none.
   */
  readonly changeWord?: string
  /**
   * Where the streams stand under other names, as mirrors at a site that only reads: see `streamNamesOf`.
   * Default: plain names.
   */
  readonly streamNames?: StreamNames
  /** How long the first connection may take; default 10 s. */
  readonly connectTimeoutMs?: number
}

/** connected <-> disconnected -> draining -> closed; `disconnected` tries for ever. */
export type BrokerState = 'connected' | 'disconnected' | 'draining' | 'closed'

/** What the broker refused: the key of a process, or its right to publish on or subscribe to a subject. */
export type BrokerRefusal = 'key' | 'publish' | 'subscription'

/** A message of core NATS; `data` is a part of the socket's buffer, so copy what is kept. */
export interface BrokerMessage {
  readonly subject: string
  readonly reply: string | undefined
  readonly data: Uint8Array
  /** The broker's own answer on a reply subject: nobody serves what was asked. */
  readonly noResponders: boolean
  text(): string
  /** Each name once, with its last value. */
  headers(): Record<string, string>
  /**
   * Answers on the reply subject; nothing happens where there is none. Where it is no inbox nothing is sent either: it is
   * logged, and counted with the callback errors.
   */
  respond(data: Uint8Array | string, headers?: Readonly<Record<string, string>>): void
}

/**
 * A running subscription of core NATS. It outlives a lost connection; what is published meanwhile does not
 * come.
 */
export interface BrokerSubscription {
  unsubscribe(): void
  /** Handles what has arrived, then ends. Does nothing where it has ended. */
  drain(): Promise<void>
}

/** One connection to the broker. It comes back by itself for as long as it is not closed. */
export interface Broker {
  readonly serverVersion: string
  state(): BrokerState
  /** Calls `listener` at each change; returns how to stop. */
  onState(listener: (state: BrokerState) => void): () => void
  /** At most once; lost without a word while the broker is away. */
  publish(
    subject: string,
    data: Uint8Array | string,
    options?: { readonly reply?: string; readonly headers?: Readonly<Record<string, string>> }
  ): void
  /**
   * Throws BRK_NO_RESPONDERS, BRK_TIMEOUT, BRK_NOT_PERMITTED, or BRK_UNAVAILABLE at once while the connection
   * is lost; when it is lost while waiting, the request may have been served.
   */
  request(
    subject: string,
    data: Uint8Array | string,
    options: { readonly timeoutMs: number; readonly headers?: Readonly<Record<string, string>> }
  ): Promise<BrokerMessage>
  /**
   * A callback that throws is logged and counted; the subscription goes on. Where the broker refuses it, it has ended: that is
   * logged, and told to `onRefused` with BRK_NOT_PERMITTED.
   */
  subscribe(
    subject: string,
    callback: (message: BrokerMessage) => void,
    options?: { readonly queue?: string; readonly onRefused?: (error: AppError) => void }
  ): BrokerSubscription
  /** A new reply subject of this connection. */
  inbox(): string
  /** Resolves when the broker has read all that was published so far. */
  flush(): Promise<void>
  /** Ends subscriptions, sends what is left, closes. May be called twice. */
  drain(): Promise<void>
  /** Why the broker does not let this process back in, since the connection is lost; undefined: nothing is known. */
  refusal(): AppError | undefined
  stats(): {
    readonly reconnects: number
    readonly callbackErrors: number
    readonly refusals: Readonly<Record<BrokerRefusal, number>>
  }
}
