import type { Codec, ControlRecord, PatternRequest } from '@meridian/protocol/live'
import { createBackfills } from './backfill.ts'
import { createDeliveries } from './deliveries.ts'
import type { Sink } from './frame.ts'
import type { HistorySource, StoredMessage } from './history-source.ts'
import type { HubCore, HubCounts } from './hub-core.ts'
import { createPatternIndex } from './pattern-index.ts'
import { createRequests, type Request, TICK_MS } from './request.ts'
import type { RingLimits } from './ring.ts'
import { createStream, type Stream, type StreamHead, type StreamOptions } from './stream.ts'
import { Subscriber, type SubscriberHooks } from './subscriber.ts'
import { createTopicTable } from './topic-table.ts'
import { flushView, tellMembers } from './view.ts'
import { createViews, mayRead } from './views.ts'

/** What a hub is made from. Bounds have defaults. */
export interface HubOptions {
  readonly streams: readonly StreamOptions[]
  readonly history: HistorySource
  /** Default 30 s and 64 MB, for each stream. */
  readonly ring?: RingLimits
  /** Bytes that may wait for one connection before it is cut off; default 8 MB. */
  readonly maxBufferedBytes?: number
  /** Default 64. */
  readonly maxSubscriptions?: number
  /** Topics that the subscriptions of one connection may match; default 50,000. */
  readonly maxTopics?: number
  /** Messages that state streams keep of one subject; default 200. */
  readonly perSubject?: number
  /** How long a resume waits for a stream that lags behind its cursor; default 2 s. */
  readonly lagMs?: number
  /** Told of each message that could not be read. */
  readonly onBad?: (stream: string, subject: string, err: unknown) => void
}

/** Messages in, frames out. Streams feed it, connections attach to it, a clock drives its tick. */
export interface Hub {
  /** One message of a stream, in the stream's order. */
  message(stream: string, message: StoredMessage): void
  /** The stream's past has been delivered: cursors of it mean something from here. */
  warm(stream: string, head: StreamHead): void
  /** The stream is another one: its values are forgotten and everybody concerned is told. */
  reset(stream: string): void
  attach(sink: Sink, codec: Codec, hooks: SubscriberHooks): Subscriber
  /** Reads a pattern as asked for. Throws WIR_BAD_PATTERN. */
  requestOf(asked: PatternRequest): Request
  /** A control record to every connection. */
  broadcast(record: ControlRecord): void
  /** One telemetry tick. */
  tick(): void
  /** Sends at once what waits for no tick. */
  flushNow(): void
  /** Ticks every 50 ms until the function it gives is called. */
  run(): () => void
  readonly counts: Readonly<HubCounts>
  sizes(): {
    readonly topics: number
    readonly views: number
    readonly subscribers: number
    readonly ringBytes: number
  }
}

/** An empty hub. Opens nothing; `run` starts its clock. */
export function createHub(options: HubOptions): Hub {
  const counts: HubCounts = {
    messages: 0,
    bad: 0,
    slow: 0,
    frames: 0,
    records: 0,
    bytes: 0,
    failures: 0,
    resumes: { resumed: 0, snapshot: 0, gap: 0 }
  }
  const streams = new Map<string, Stream>()
  const index = createPatternIndex()
  const requests = createRequests()
  const views = createViews({ index, requests, streams })
  const deliveries = createDeliveries(views, counts)
  const topics = createTopicTable({ views, counts, onBad: options.onBad })
  const limits = options.ring ?? { ms: 30_000, bytes: 64 << 20 }
  for (const stream of options.streams)
    streams.set(
      stream.name,
      createStream(stream, limits, message => topics.release(stream.kind, message))
    )

  const streamOf = (name: string): Stream => {
    const stream = streams.get(name)
    if (stream === undefined) throw new RangeError(`no stream ${name}`)
    return stream
  }

  const core: HubCore = {
    streams,
    index,
    views,
    settle: deliveries.settle,
    subscribers: new Set(),
    counts,
    plan: {
      source: options.history,
      backfills: createBackfills({
        source: options.history,
        messageOf: topics.readPast
      }),
      perSubject: options.perSubject ?? 200,
      lagMs: options.lagMs ?? 2000
    },
    maxBufferedBytes: options.maxBufferedBytes ?? 8 << 20,
    maxSubscriptions: options.maxSubscriptions ?? 64,
    maxTopics: options.maxTopics ?? 50_000
  }

  return {
    counts,
    flushNow: deliveries.flushNow,
    tick: deliveries.tick,
    message(name, stored) {
      const stream = streamOf(name)
      counts.messages++
      const message = topics.read(name, stored)
      stream.seq = stored.seq
      stream.timeUs = stored.timeUs
      if (message === undefined) return
      message.topic.last = message
      if (stream.epoch !== undefined || stream.kind === 'log') {
        message.topic.held++
        stream.ring.push(message)
      }
      deliveries.deliver(message, stream)
    },
    warm(name, head) {
      const stream = streamOf(name)
      if (head.seq > stream.seq) Object.assign(stream, { seq: head.seq, timeUs: head.timeUs })
      stream.epoch = head.epoch
      if (stream.kind === 'state' || stream.ring.length === 0)
        stream.ring.begin({ seq: stream.seq, timeUs: stream.timeUs })
    },
    reset(name) {
      deliveries.settle()
      const stream = streamOf(name)
      const concerned = [...views.all()].filter(view => view.requests.some(r => mayRead(r, stream)))
      for (const view of concerned) flushView(view, true, counts)
      stream.epoch = undefined
      Object.assign(stream, { seq: 0, timeUs: 0 })
      stream.ring.begin(undefined)
      topics.forgetValues(name)
      for (const view of concerned) tellMembers(view, { op: 'reset', stream: name }, counts)
    },
    attach: (sink, codec, hooks) => new Subscriber(core, sink, codec, hooks),
    requestOf: asked => requests.of(asked),
    broadcast(record) {
      for (const subscriber of core.subscribers) subscriber.tell(record)
    },
    run() {
      const timer = setInterval(deliveries.tick, TICK_MS)
      return () => clearInterval(timer)
    },
    sizes: () => ({
      topics: topics.size,
      views: views.size,
      subscribers: core.subscribers.size,
      ringBytes: [...streams.values()].reduce((sum, stream) => sum + stream.ring.bytes, 0)
    })
  }
}
