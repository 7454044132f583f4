/** A stream as this project wants it. */
export interface StreamSpec {
  readonly name: string
  readonly description: string
  /** `state` is followed from the last value of each subject, `log` from a short time back, `queue` is work. */
  readonly kind: 'state' | 'log' | 'queue'
  readonly subjects: readonly string[]
  readonly maxBytes: number
  /** 0: no limit. */
  readonly maxAgeMs: number
  /** 0: no limit. */
  readonly maxPerSubject: number
  /** What a full stream does with a new message. */
  readonly whenFull: 'drop-oldest' | 'refuse'
  /** How long a message id is remembered. */
  readonly duplicateWindowMs: number
  readonly replicas: 1 | 3
}

/** `laptop`: one server, at most 2 GiB in all. `site`: three servers and more room. */
export type StreamProfile = 'laptop' | 'site'

/** Every stream of a site [DESIGN 3]. */
export declare function streamTable(site: string, profile: StreamProfile): readonly StreamSpec[]
