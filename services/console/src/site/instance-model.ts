import { computed, type ReadonlySignal, type Signal, signal } from '@preact/signals'
import { type Condition, conditionOf } from './condition.ts'

/** What a component last reported as its error. */
interface ErrorReport {
  readonly code: number
  readonly report: string
  readonly traceback: string
  /** TAI seconds. */
  readonly time: number
}

/** One instance of a component on this page. `…Ms` are milliseconds of this machine's clock. */
export interface InstanceModel {
  readonly id: string
  readonly csc: string
  readonly index: number
  readonly uncatalogued: boolean
  readonly summaryState: Signal<number | undefined>
  /** TAI seconds at which the summary state was reached. */
  readonly stateTime: Signal<number | undefined>
  readonly heartbeatMs: Signal<number | undefined>
  readonly dataMs: Signal<number | undefined>
  readonly error: Signal<ErrorReport | undefined>
  readonly condition: ReadonlySignal<Condition>
}

/** The name of an instance as people and addresses write it: `MTMount:0`. */
export const instanceIdOf = (csc: string, index: number): string => `${csc}:${index}`

/** Creates the model of an instance of which nothing is known yet. */
export function createInstanceModel(
  csc: string,
  index: number,
  options: { readonly uncatalogued: boolean; readonly judgedAtMs: ReadonlySignal<number> }
): InstanceModel {
  const summaryState = signal<number | undefined>(undefined)
  const heartbeatMs = signal<number | undefined>(undefined)
  const dataMs = signal<number | undefined>(undefined)
  return {
    id: instanceIdOf(csc, index),
    csc,
    index,
    uncatalogued: options.uncatalogued,
    summaryState,
    stateTime: signal(undefined),
    heartbeatMs,
    dataMs,
    error: signal(undefined),
    condition: computed(() =>
      conditionOf({
        summaryState: summaryState.value,
        heartbeatMs: heartbeatMs.value,
        dataMs: dataMs.value,
        judgedAtMs: options.judgedAtMs.value
      })
    )
  }
}
