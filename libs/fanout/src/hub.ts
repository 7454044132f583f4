import type { ControlRecord, Encoding, PatternRequest } from '@meridian/protocol/live'
import { createBackfills } from './backfill.ts'
import { createDeliveries } from './deliveries.ts'
import { createFlusher } from './flusher.ts'
import { createForgetting, type Forgetting } from './forgetting.ts'
import { createFrameComposer, type Sink } from './frame.ts'
import type { HistorySource } from './history-source.ts'
import { createHubCounts, type HubCounts } from './hub-counts.ts'
import type { Degradation } from './ladder.ts'
import { createPatternIndex } from './pattern-index.ts'
import type { RingLimits } from './ring.ts'
import type { OnSent } from './sent-samples.ts'
import { shareQuestions } from './shared-source.ts'
import { createStream, type Stream, type StreamOptions } from './stream.ts'
import { createStreamIntake, type StreamIntake } from './stream-intake.ts'
import { createSubscribedPatterns, type SubscribedPattern, TICK_MS } from './subscribed-pattern.ts'
import { Subscriber, type SubscriberHooks } from './subscriber.ts'
import { pageOf, type SubscriberPage } from './subscriber-facts.ts'
import { createTimedTick, type OnTick } from './timed-tick.ts'
import { createTopicTable, type TopicTable } from './topic-table.ts'
import type { View } from './view.ts'
import { createViews, type Views } from './views.ts'
import { createWaitingBound, LOOK_MS, ladderLimits, type WaitingBound } from './waiting-bound.ts'
import { createWorkTurns, type WorkTurns } from './work-turns.ts'

/** What a hub is made from. Bounds have defaults. */
export interface HubOptions {
  readonly streams: readonly StreamOptions[]
  readonly history: HistorySource
  /** Default 30 s and 64 MB, for each stream. */
  readonly ring?: RingLimits
  /** Bytes that may wait for one connection before it is cut off; default 8 MB. */
  readonly maxBufferedBytes?: number
  /** Bytes that may wait for all connections together before those that hold most are cut off; default 256 MB. */
  readonly maxWaitingBytes?: number
  /** Subscriptions of one connection; default 64. */
  readonly maxSubscriptions?: number
  /** Patterns of all its subscriptions; default 5,000. */
  readonly maxPatterns?: number
  /** Names of fields that its patterns choose, those of equal choices counted once; default 10,000. */
  readonly maxFields?: number
  /** Topics that the subscriptions of one connection may match; default 50,000. */
  readonly maxTopics?: number
  /** How long a follower that lags may stand still while a resume waits for it; default 10 s. */
  readonly lagMs?: number
  /** Where the work of all connections takes turns; default: turns of its own. */
  readonly turns?: WorkTurns
  /** Told of a few of the messages that were sent, at least one of each flush that had any. Default: nobody. */
  readonly onSent?: OnSent
  /** Told of each message that could not be read. */
  readonly onBad?: (stream: string, subject: string, err: unknown) => void
}

/** Messages in, frames out. Streams feed it, connections attach to it, a clock drives its tick. */
export interface Hub extends StreamIntake, Forgetting {
  /** The hub's side of a connection; it lives until `close` is called on it. */
  attach(sink: Sink, codec: Encoding, hooks: SubscriberHooks): Subscriber
  /** Reads a pattern as asked for and fills in defaults. Throws WIR_BAD_PATTERN. */
  readPattern(asked: PatternRequest): SubscribedPattern
  /** A control record to every connection. */
  broadcast(record: ControlRecord): void
  /** Delivers telemetry that has gathered; `run` calls it every 50 ms. */
  tick(): void
  /** Sends at once what waits for no tick. */
  flushNow(): void
  /** Looks how much waits for each connection and moves those that fall behind; `run` calls it every second. */
  look(nowMs: number): void
  /** Ticks every 50 ms until the function it gives is called; tells `onTick` of each. Default: nobody. */
  run(onTick?: OnTick): () => void
  readonly counts: Readonly<HubCounts>
  /** Connections from place `offset` on, the oldest first, at most `limit`. */
  clients(offset: number, limit: number): SubscriberPage
  sizes(): HubSizes
}

/** How much a hub holds now. */
export interface HubSizes {
  readonly topics: number
  readonly views: number
  readonly subscribers: number
  readonly ringBytes: number
  /** Bytes that waited for all connections at the last look. */
  readonly waitingBytes: number
  /** Connections on each step of the ladder. */
  readonly degraded: Readonly<Record<Degradation, number>>
}

/** Bounds where the options name none. */
const DEFAULTS = {
  ring: { ms: 30_000, bytes: 64 << 20 },
  maxBufferedBytes: 8 << 20,
  maxWaitingBytes: 256 << 20,
  maxSubscriptions: 64,
  maxPatterns: 5_000,
  maxFields: 10_000,
  maxTopics: 50_000,
  lagMs: 10_000
} as const

/** An empty hub. Opens nothing; `run` starts its clock. */
export function createHub(options: HubOptions): Hub {
  const { onBad } = options
  const history = shareQuestions(options.history)
  const limits = { ...DEFAULTS, ...options }
  const counts = createHubCounts()
  const frames = createFrameComposer()
  const flusher = createFlusher(frames, counts, options.onSent)
  const streams = new Map<string, Stream>()
  const index = createPatternIndex<View>(walked => {
    counts.work += walked
  })
  const patterns = createSubscribedPatterns(names => {
    counts.work += names
  })
  const views = createViews({ ...limits, index, patterns, streams, flusher, counts })
  const deliveries = createDeliveries({ views: views.all, refreshCursor: flusher.refreshCursor })
  const topics = createTopicTable({ onNew: views.addTopic, onEnd: views.removeTopic, counts, onBad })
  for (const stream of options.streams)
    streams.set(
      stream.name,
      createStream(stream, limits.ring, message => topics.release(stream.kind, message))
    )
  const intake = createStreamIntake({ streams, topics, deliveries, views, flusher, counts })
  const forgetting = createForgetting({ streams, topics, deliveries, history })
  const backfills = createBackfills({
    source: history,
    messageOf: topics.readPast,
    missingOf: ({ stream, subjects, fromSeq, toSeq }, stored) =>
      streams.get(stream)?.readLog.missing({ from: fromSeq, to: toSeq }, subjects, stored) ?? []
  })
  const subscribers = new Set<Subscriber>()
  const parts = {
    ...limits,
    turns: options.turns ?? createWorkTurns(),
    views,
    index,
    frames,
    counts,
    settle: deliveries.settle,
    plan: { ...limits, streams, source: history, backfills, topicsOf: index.topicsOf },
    ladder: ladderLimits(limits.maxBufferedBytes),
    onClosed: (subscriber: Subscriber) => void subscribers.delete(subscriber)
  }
  const waiting = createWaitingBound(subscribers, limits.maxWaitingBytes)

  return {
    ...intake,
    ...forgetting,
    counts,
    clients: (offset, limit) => pageOf(subscribers, offset, limit),
    flushNow: deliveries.flushNow,
    tick: deliveries.tick,
    look: waiting.look,
    attach(sink, codec, hooks) {
      const subscriber = new Subscriber(parts, sink, codec, hooks)
      subscribers.add(subscriber)
      return subscriber
    },
    readPattern: patterns.of,
    broadcast(record) {
      for (const subscriber of subscribers) subscriber.tell(record)
    },
    run: onTick => startClock(timed(deliveries.tick, onTick), waiting.look),
    sizes: () => sizesOf({ topics, views, subscribers, streams, waiting })
  }
}

interface Held {
  readonly topics: TopicTable
  readonly views: Views
  readonly subscribers: ReadonlySet<Subscriber>
  readonly streams: ReadonlyMap<string, Stream>
  readonly waiting: WaitingBound
}

const sizesOf = ({ topics, views, subscribers, streams, waiting }: Held): HubSizes => ({
  topics: topics.size,
  views: views.size,
  subscribers: subscribers.size,
  ringBytes: [...streams.values()].reduce((sum, stream) => sum + stream.ring.bytes, 0),
  waitingBytes: waiting.bytes(),
  degraded: waiting.degraded()
})

const timed = (tick: () => void, onTick: OnTick | undefined): (() => void) =>
  onTick === undefined ? tick : createTimedTick(tick, onTick)

/** Calls both when they are due, until the function it gives is called. */
function startClock(tick: () => void, look: (nowMs: number) => void): () => void {
  const ticking = setInterval(tick, TICK_MS)
  const looking = setInterval(() => look(performance.now()), LOOK_MS)
  return () => {
    clearInterval(ticking)
    clearInterval(looking)
  }
}
