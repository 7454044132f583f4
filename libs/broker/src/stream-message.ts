/** A message as a stream holds it; whoever reads it may keep it. */
export interface StreamMessage {
  readonly stream: string
  readonly seq: number
  /** UTC microseconds at which the stream stored it. */
  readonly timeUs: number
  readonly subject: string
  /** A copy of its own: safe to keep. */
  readonly data: Uint8Array
}
