/** Broken promises by kind; each entry starts with `subject: id`. */
export interface HistoryReport {
  readonly published: number
  readonly received: number
  /** Neither received nor inside a gap that was told. */
  readonly lost: readonly string[]
  /** Not received, but inside a gap that was told, or removed by what a told reset was about. */
  readonly told: number
  readonly duplicated: readonly string[]
  readonly inverted: readonly string[]
  /** Ids received but never published. */
  readonly unknown: readonly string[]
  /** The last that was received of a subject is not the last that its stream took. */
  readonly stale: readonly string[]
  /** Received of a log that was cut back, behind a message that the cut removed, without a reset between. */
  readonly untold: readonly string[]
}

/**
 * `all`: every message, once, in order. `latest`: in order, and the last value arrives; others may be left
 * out.
 */
export type Promised = 'all' | 'latest'

/** Numbers of a stream that may be lost; both ends belong to it. */
export interface ToldGap {
  readonly from: number
  readonly to: number
  readonly subjects?: readonly string[]
}
