import type { Update } from '@meridian/client'
import { computed, useComputed } from '@preact/signals'
import { useEffect, useMemo } from 'preact/hooks'
import { useGrowing } from '../after-paint.ts'
import { specOf } from '../catalogue.ts'
import { CommandPanel } from '../command/command-panel.tsx'
import { recallChoice, rememberChoice } from '../plot/plot-choice.ts'
import { PlotPanel } from '../plot/plot-panel.tsx'
import { createPlotStore } from '../plot/plot-store.ts'
import { useShell } from '../shell.ts'
import { instanceIdOf } from '../site/instance-model.ts'
import { componentFactsOf } from '../site/site-facts.ts'
import { createEventLog } from './event-log.ts'
import { EventLogPanel } from './event-log-panel.tsx'
import { createFirstPlot } from './first-plot.ts'
import { InstanceHead } from './instance-head.tsx'
import { createTopicStore } from './topic-store.ts'
import { TopicTable } from './topic-table.tsx'

const NO_TOPICS: readonly string[] = []

interface InstancePageProps {
  readonly csc: string
  readonly index: number
}

/** Readable by eye; plots ask for every message of what they show, and then the table gets those too. */
const TABLE_RATE = 2
const SHOW_MS = 500
/** Often enough for events to come at once to the eye, seldom enough for a topic at 20 Hz to cost little. */
const LOG_MS = 200

/** The parts of the page besides its head and the table; each is drawn after the one before has been painted. */
const LATER_PARTS = 3

/** Everything about one instance: values, plot, events, commands. */
export function InstancePage({ csc, index }: InstancePageProps) {
  const shell = useShell()
  const { connection, clock, site, fleet, frames } = shell
  const id = instanceIdOf(csc, index)
  const spec = useMemo(() => specOf(csc), [csc])
  const choice = useMemo(() => computed(() => site.value && componentFactsOf(site.value, csc)), [csc])
  const firstTopics = useMemo(() => computed(() => choice.value?.firstTopics ?? NO_TOPICS), [choice])
  const store = useMemo(() => createTopicStore(firstTopics), [id])
  const log = useMemo(createEventLog, [id])
  const plot = useMemo(
    () =>
      createPlotStore({
        connection,
        clock,
        choice: recallChoice(id),
        onChoice: choice => rememberChoice(id, choice)
      }),
    [id]
  )
  const first = useMemo(() => createFirstPlot(store, plot, { spec, choice }), [id])
  const parts = useGrowing(1, 1 + LATER_PARTS).value
  const model = useComputed(() => fleet.instances.value.find(instance => instance.id === id)).value
  const known = spec.value.kind === 'known' ? spec.value.spec : undefined

  useEffect(() => {
    document.title = `Meridian: ${id}`
    const apply = (update: Update): void => {
      store.apply(update, clock.heardMsOf(update.time))
      const state = spec.peek()
      if (update.parts.class === 'evt') log.add(update, state.kind === 'known' ? state.spec : undefined)
    }
    const settle = (): void => {
      store.settle()
      if (log.shown.peek().length === 0) log.show()
    }
    const show = (): void => {
      store.show()
      first.look()
    }
    const subscription = connection.subscribe(
      [
        { pattern: `tel.*.${csc}.${index}.>`, quality: 'latest', rate: TABLE_RATE },
        { pattern: `evt.*.${csc}.${index}.>`, quality: 'all' }
      ],
      {
        onData: apply,
        onFlush: settle,
        onLive: first.ready
      }
    )
    const stops = [
      clock.every(SHOW_MS, () => frames.push(show)),
      clock.every(LOG_MS, () => frames.push(log.show))
    ]
    return () => {
      for (const stop of stops) stop()
      subscription.close()
      plot.close()
    }
  }, [id])

  return (
    <div class="instance">
      <InstanceHead model={model} id={id} />
      <TopicTable store={store} component={known} plot={plot} />
      {parts > 1 && <PlotPanel plot={plot} />}
      {parts > 2 && <EventLogPanel log={log} />}
      {parts > 3 && <CommandPanel csc={csc} index={index} spec={spec.value} model={model} />}
    </div>
  )
}
