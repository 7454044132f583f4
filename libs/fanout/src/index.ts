export type { Asker } from './fair-queue.ts'
export type { HeldSubjects } from './forgetting.ts'
export {
  createFrameComposer,
  type Frame,
  type FrameComposer,
  HEADROOM,
  payloadOf,
  type Sink
} from './frame.ts'
export type {
  Forgotten,
  HistorySource,
  ReadRange,
  StoredMessage,
  StoredPart,
  StoredRange
} from './history-source.ts'
export type { Hole } from './holes.ts'
export { createHub, type Hub, type HubOptions } from './hub.ts'
export type { HubCounts } from './hub-counts.ts'
export { DEGRADATIONS, type Degradation } from './ladder.ts'
export type { ReadMessage } from './read-log.ts'
export type { RingLimits } from './ring.ts'
export { createSemaphore, type Semaphore, type SemaphoreOptions, type Turn } from './semaphore.ts'
export type { OnSent } from './sent-samples.ts'
export type { RefusedPattern, WantedSubscription } from './snapshot.ts'
export type { StreamHead, StreamOptions } from './stream.ts'
export type { SubscribedPattern } from './subscribed-pattern.ts'
export type { Subscriber, SubscriberHooks } from './subscriber.ts'
export type { PatternFacts, SubscriberFacts, SubscriberPage } from './subscriber-facts.ts'
export type { OnTick } from './timed-tick.ts'
export { createWorkTurns, type Work, type WorkAccount, type WorkTurns } from './work-turns.ts'
