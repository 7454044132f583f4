/** What a component can say: telemetry, events, heartbeats. */
type SourceKind = 'tel' | 'evt' | 'hb'

/**
 * A topic of one instance. A source gives the same object with every message of a topic, so that whoever
 * reads it can keep what it has worked out by that object.
 */
export interface SourceTopic {
  readonly csc: string
  /** 0 for a component that is not indexed. */
  readonly index: number
  readonly kind: SourceKind
  /** SAL's name; `heartbeat` for heartbeats. */
  readonly name: string
}
