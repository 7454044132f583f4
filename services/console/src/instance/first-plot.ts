import type { ReadonlySignal } from '@preact/signals'
import type { SpecState } from '../catalogue.ts'
import type { FieldRef } from '../plot/field-ref.ts'
import type { PlotStore } from '../plot/plot-store.ts'
import { createChangeFinder, type FirstChoice, firstFieldsOf } from './first-fields.ts'
import type { TopicStore } from './topic-store.ts'

/** What chooses the fields that a plot begins with, so that a page does not open with an empty one. */
export interface FirstPlot {
  /** All last values have come: from now on it can be told what there is. */
  ready(): void
  /** Looks again; does nothing once there is a plot, or once a person has chosen. */
  look(): void
}

/** What is known of the component; either may come later than its values. */
export interface FirstPlotOptions {
  readonly spec: ReadonlySignal<SpecState>
  /** Undefined until the site is known. */
  readonly choice: ReadonlySignal<FirstChoice | undefined>
}

/**
 * Looks, two a second, until which all fields of the first choice are waited for: a component that has just
 * started says one topic before the other, and the plot begins once.
 */
const PATIENT_LOOKS = 6

/** Creates what begins the plot of one page. */
export function createFirstPlot(
  store: TopicStore,
  plot: PlotStore,
  { spec, choice }: FirstPlotOptions
): FirstPlot {
  const changeOf = createChangeFinder()
  let isReady = false
  let looks = 0

  /** Fields that the site or the component names; without any, what changes. */
  function fieldsOf(state: SpecState, wanted: FirstChoice): readonly FieldRef[] {
    const component = state.kind === 'known' ? state.spec : undefined
    const topics = store.topics.peek()
    const named = firstFieldsOf(topics, component, wanted)
    if (named.length < (wanted.firstFields?.[0]?.length ?? 0) && looks++ < PATIENT_LOOKS) return []
    return named.length > 0 ? named : [changeOf(topics, component) ?? []].flat()
  }

  function look(): void {
    const state = spec.peek()
    const wanted = choice.peek()
    if (!isReady || plot.isBegun() || state.kind === 'loading') return
    // Where the api does not answer, no plot waits for it.
    if (wanted === undefined && state.kind !== 'failed') return
    const fields = fieldsOf(state, wanted ?? {})
    if (fields.length > 0) plot.begin(fields)
  }

  return {
    ready() {
      isReady = true
      store.settle()
      look()
    },
    look
  }
}
