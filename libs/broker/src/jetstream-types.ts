// Shapes of JetStream's JSON API, as far as we read them: snake_case stands here and nowhere else.

/** Limits and rules of a stream as the server has them. */
export interface StreamConfig {
  readonly name: string
  readonly subjects?: readonly string[]
  readonly max_bytes?: number
  /** Nanoseconds. */
  readonly max_age?: number
  readonly max_msgs_per_subject?: number
  readonly duplicate_window?: number
  readonly num_replicas?: number
  readonly metadata?: Readonly<Record<string, string>>
  readonly [field: string]: unknown
}

/** Answer of STREAM.INFO, CREATE and UPDATE. */
export interface StreamInfo {
  readonly config: StreamConfig
  readonly created: string
  /** The server's clock at the answer. */
  readonly ts?: string
  readonly state: {
    readonly messages: number
    readonly bytes: number
    readonly first_seq: number
    readonly last_seq: number
    readonly last_ts: string
  }
}

/** Answer of CONSUMER.CREATE. */
export interface ConsumerInfo {
  readonly name: string
  readonly num_pending: number
  readonly delivered: { readonly consumer_seq: number; readonly stream_seq: number }
}

/** Answer of STREAM.MSG.GET. */
export interface StoredMessage {
  readonly message: {
    readonly subject: string
    readonly seq: number
    /** Base64; absent when empty. */
    readonly data?: string
    readonly hdrs?: string
    readonly time: string
  }
}

/** Answer to a publish into a stream. */
export interface PublishAck {
  readonly stream: string
  readonly seq: number
  readonly duplicate?: boolean
}

/** The name of this run of a stream: its metadata, or when it was created [docs/nats.md#resuming]. */
export const epochOf = ({ config, created }: StreamInfo): string => config.metadata?.['epoch'] ?? created

/** Microseconds since 1970 of a time as Go writes it, with up to nine decimals. */
export function microsecondsOf(time: string): number {
  const match = /^(.{19})(?:\.(\d+))?(Z|[+-]\d\d:\d\d)$/.exec(time)
  if (match === null) return 0
  const [, seconds = '', fraction = '', zone = 'Z'] = match
  return Date.parse(`${seconds}${zone}`) * 1000 + Number(fraction.padEnd(6, '0').slice(0, 6))
}
