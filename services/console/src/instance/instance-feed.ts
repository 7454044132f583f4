import type { Update } from '@meridian/client'
import { computed, type ReadonlySignal } from '@preact/signals'
import { type SpecState, specOf } from '../catalogue.ts'
import { recallChoice, rememberChoice } from '../plot/plot-choice.ts'
import { createPlotStore, type PlotStore } from '../plot/plot-store.ts'
import type { Shell } from '../shell.ts'
import { instanceIdOf } from '../site/instance-model.ts'
import { componentFactsOf } from '../site/site-facts.ts'
import { createEventLog, type EventLog } from './event-log.ts'
import { createFirstPlot } from './first-plot.ts'
import { instancePatterns } from './instance-patterns.ts'
import { createTopicStore, type TopicStore } from './topic-store.ts'

/** What comes in for one instance: the stores of its page, filled while the page is open. */
export interface InstanceFeed {
  readonly spec: ReadonlySignal<SpecState>
  readonly store: TopicStore
  readonly log: EventLog
  readonly plot: PlotStore
  /** Subscribes to everything of the instance; returns what ends that and the plot. */
  open(): () => void
}

/** What a feed uses of the page. */
export type FeedParts = Pick<Shell, 'connection' | 'clock' | 'frames' | 'site'>

const SHOW_MS = 500
/** Often enough for events to come at once to the eye, seldom enough for a topic at 20 Hz to cost little. */
const LOG_MS = 200

const NO_TOPICS: readonly string[] = []

/**
 * Creates the stores of an instance's page, empty; the plot begins with what was chosen before in this tab.
 */
export function createInstanceFeed(
  csc: string,
  index: number,
  { connection, clock, frames, site }: FeedParts
): InstanceFeed {
  const id = instanceIdOf(csc, index)
  const spec = specOf(csc)
  const facts = computed(() => site.value && componentFactsOf(site.value, csc))
  const store = createTopicStore(computed(() => facts.value?.firstTopics ?? NO_TOPICS))
  const log = createEventLog()
  const onChoice = rememberChoice.bind(undefined, id)
  const plot = createPlotStore({ connection, clock, choice: recallChoice(id), onChoice })
  const first = createFirstPlot(store, plot, { spec, choice: facts })

  function apply(update: Update): void {
    store.apply(update, clock.heardMsOf(update.time))
    const state = spec.peek()
    if (update.parts.class !== 'tel') log.add(update, state.kind === 'known' ? state.spec : undefined)
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

  return {
    spec,
    store,
    log,
    plot,
    open() {
      const subscription = connection.subscribe(instancePatterns(csc, index), {
        onData: apply,
        onFlush: settle,
        onLive: first.ready
      })
      const stops = [
        clock.every(SHOW_MS, () => frames.push(show)),
        clock.every(LOG_MS, () => frames.push(log.show))
      ]
      return () => {
        for (const stop of stops) stop()
        subscription.close()
        plot.close()
      }
    }
  }
}
