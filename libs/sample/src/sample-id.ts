/** What makes one sample different from every other [adr/0004]. */
export interface SampleIdentity {
  readonly csc: string
  readonly index: number
  readonly topic: string
  readonly origin: number
  readonly seqNum: number
  readonly sndStamp: number
}

/**
 * The `Nats-Msg-Id` of a sample. It comes from the source alone, so that two producers that overlap agree on
 * it, and holds the stamp, so that a component that starts again with the same process number and its counter
 * at 1 loses nothing.
 */
export const sampleId = (s: SampleIdentity): string =>
  `${s.csc}:${s.index}:${s.topic}:${s.origin}:${s.seqNum}:${s.sndStamp}`
