import type { PatternIndex } from './pattern-index.ts'
import type { PlanParts } from './resume.ts'
import type { Stream } from './stream.ts'
import type { Subscriber } from './subscriber.ts'
import type { FlushCounts } from './view.ts'
import type { Views } from './views.ts'

/** What a hub counts; numbers only grow. */
export interface HubCounts extends FlushCounts {
  /** Messages taken in. */
  messages: number
  /** Messages that could not be read, and were skipped. */
  bad: number
  /** Connections cut off for being slow. */
  slow: number
  readonly resumes: { resumed: number; snapshot: number; gap: number }
}

/** What the parts of a hub share. */
export interface HubCore {
  readonly streams: ReadonlyMap<string, Stream>
  readonly index: PatternIndex
  readonly views: Views
  /** Puts what waits for the tick into its views. */
  readonly settle: () => void
  readonly subscribers: Set<Subscriber>
  readonly counts: HubCounts
  readonly plan: PlanParts
  readonly maxBufferedBytes: number
  readonly maxSubscriptions: number
  readonly maxTopics: number
}
