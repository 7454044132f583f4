import type { Outcome, Update } from '@meridian/client'
import { patternOf } from '@meridian/subjects'
import { computed, type ReadonlySignal } from '@preact/signals'
import { type SpecState, specOf } from '../catalogue.ts'
import { type CommandRecord, createCommandRecord } from '../command/command-record.ts'
import { recallChoice, rememberChoice } from '../plot/plot-choice.ts'
import { createPlotStore, type PlotStore } from '../plot/plot-store.ts'
import type { Shell } from '../shell.ts'
import { forgottenOf } from '../site/forgotten.ts'
import { instanceIdOf } from '../site/instance-model.ts'
import { componentFactsOf } from '../site/site-facts.ts'
import { createEventLog, type EventLog } from './event-log.ts'
import { createFirstPlot } from './first-plot.ts'
import { instancePatterns, queuePatterns, recordedPatterns } from './instance-patterns.ts'
import { createPastEvents, type PastState } from './past-events.ts'
import { createQueueStore, type QueueStore } from './queue-store.ts'
import { createTopicStore, type TopicStore } from './topic-store.ts'

/** What comes in for one instance: the stores of its page, filled while the page is open. */
export interface InstanceFeed {
  readonly spec: ReadonlySignal<SpecState>
  readonly store: TopicStore
  readonly log: EventLog
  readonly plot: PlotStore
  readonly record: CommandRecord
  readonly queue: QueueStore
  readonly past: ReadonlySignal<PastState>
  /** Subscribes to everything of the instance; returns what ends that and the plot. */
  open(): () => void
}

/** What a feed uses of the page. */
export type FeedParts = Pick<Shell, 'connection' | 'clock' | 'frames' | 'site' | 'reading'>

const SHOW_MS = 500
/** Often enough for events to come at once to the eye, seldom enough for a topic at 20 Hz to cost little. */
const LOG_MS = 200

const NO_TOPICS: readonly string[] = []

/** The stores of an instance's page, empty, and what fills the past and the first plot of it. */
function createStores(csc: string, index: number, { connection, clock, site, reading }: FeedParts) {
  const id = instanceIdOf(csc, index)
  const spec = specOf(csc)
  const facts = computed(() => site.value && componentFactsOf(site.value, csc))
  const store = createTopicStore(computed(() => facts.value?.firstTopics ?? NO_TOPICS))
  const log = createEventLog()
  const past = createPastEvents(log, reading)
  const record = createCommandRecord({ csc, index, connection, reading })
  const queue = createQueueStore()
  const onChoice = rememberChoice.bind(undefined, id)
  const plot = createPlotStore({ connection, clock, choice: recallChoice(id), onChoice })
  const first = createFirstPlot(store, plot, { spec, choice: facts })
  return { spec, store, log, past, record, queue, plot, first }
}

/** Every instance that is forgotten, by one subject for all. */
const FORGOTTEN = [
  { pattern: patternOf('evt', { csc: 'Liveness', topic: 'forgotten' }), quality: 'all' }
] as const

/** Drops the topics of an instance when it is forgotten; what it says from then on is there again. */
function followForgotten(
  id: string,
  { connection, store }: Pick<FeedParts, 'connection'> & Pick<InstanceFeed, 'store'>
): () => void {
  const onData = (update: Update, heardMs: number): void => {
    if (forgottenOf(update) === id) store.forget(heardMs)
  }
  const subscription = connection.subscribe(FORGOTTEN, { onData })
  return () => subscription.close()
}

/** Follows the script queue, where the component is one; returns what ends that. */
function followQueue(
  csc: string,
  index: number,
  { connection, queue }: Pick<FeedParts, 'connection'> & Pick<InstanceFeed, 'queue'>
): () => void {
  const reduced = queuePatterns(csc, index)
  const subscription = reduced.length > 0 && connection.subscribe(reduced, { onData: queue.apply })
  return () => {
    if (subscription) subscription.close()
  }
}

/**
 * Creates the stores of an instance's page, empty; the plot begins with what was chosen before in this tab.
 */
export function createInstanceFeed(csc: string, index: number, parts: FeedParts): InstanceFeed {
  const { connection, clock, frames, site } = parts
  const { spec, store, log, past, record, queue, plot, first } = createStores(csc, index, parts)

  function apply(update: Update, heardMs: number): void {
    store.apply(update, heardMs)
    if (update.parts.class !== 'tel') log.add(update)
  }

  /** New topics and the first events come to the page at once, all that came together in one go. */
  function settle(): void {
    store.settle()
    if (log.shown.peek().length === 0) log.show()
  }

  function show(): void {
    store.show()
    first.look()
  }

  /** Fills the log from the record; later only what came while nobody listened. */
  function readPast(after?: number): void {
    const name = connection.status.peek().site ?? site.peek()?.name
    if (name !== undefined) past.read(recordedPatterns(name, csc, index), after)
  }

  function onLive(): void {
    if (past.state.peek().kind === 'reading') readPast()
    first.ready()
  }

  function onOutcome({ kind }: Outcome): void {
    if (kind !== 'resumed' && past.state.peek().kind === 'known') readPast(log.newest())
  }

  function open(): () => void {
    const handlers = { onData: apply, onFlush: settle, onLive, onOutcome }
    const subscription = connection.subscribe(instancePatterns(csc, index), handlers)
    const stopForgotten = followForgotten(instanceIdOf(csc, index), { connection, store })
    const stopQueue = followQueue(csc, index, { connection, queue })
    const stops = [
      record.open(),
      past.close,
      clock.every(SHOW_MS, () => frames.push(show)),
      clock.every(LOG_MS, () => frames.push(log.show)),
      () => subscription.close(),
      stopForgotten,
      stopQueue,
      () => plot.close()
    ]
    return () => {
      for (const stop of stops) stop()
    }
  }

  return { spec, store, log, plot, record, queue, past: past.state, open }
}
