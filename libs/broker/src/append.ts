import type { Broker } from './broker.ts'

/** One message to be stored, with what must hold. */
export interface AppendOptions {
  readonly subject: string
  readonly data: Uint8Array | string
  /** Becomes `Nats-Msg-Id`. */
  readonly id?: string
  /** The last sequence on the subject, or on `filter`, must be `seq`; 0: there must be none. */
  readonly expect?: { readonly seq: number; readonly filter?: string }
  /** Over all attempts; default 5 s. */
  readonly timeoutMs?: number
}

/** Where it was stored. */
export interface Appended {
  readonly stream: string
  readonly seq: number
  /** The stream had it already. */
  readonly duplicate: boolean
}

/** Stores one message. */
export declare function append(broker: Broker, options: AppendOptions): Promise<Appended>
