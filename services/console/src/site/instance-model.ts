import { computed, type ReadonlySignal, type Signal, signal } from '@preact/signals'
import { type ClockWatch, createClockWatch } from './clock-watch.ts'
import {
  type Condition,
  conditionOf,
  type Evidence,
  isDead,
  isMissing,
  type Judgement,
  type Readable
} from './condition.ts'

/** What a component last reported as its error. */
interface ErrorReport {
  readonly code: number
  readonly report: string
  readonly traceback: string
  /** TAI seconds. */
  readonly time: number
}

/** One instance of a component on this page. `…Ms` are instants of the page's clock. */
export interface InstanceModel {
  readonly id: string
  readonly csc: string
  readonly index: number
  readonly uncatalogued: boolean
  readonly summaryState: Signal<number | undefined>
  /** TAI seconds at which the observatory heard of the summary state. */
  readonly stateTime: Signal<number | undefined>
  /** The same of the last time that it said its state, whether or not that was another. */
  readonly stateSaidTime: Signal<number | undefined>
  readonly heartbeatMs: Signal<number | undefined>
  readonly dataMs: Signal<number | undefined>
  /** The longest of the latest pauses between its data. */
  readonly usualMs: Signal<number | undefined>
  readonly error: Signal<ErrorReport | undefined>
  /** How far its stamps are ahead of the observatory's clock, seconds; 0 within the tolerance, and steady. */
  readonly clockAheadSeconds: Signal<number>
  readonly clockWatch: ClockWatch
  readonly judgement: ReadonlySignal<Judgement>
  readonly condition: ReadonlySignal<Condition>
  /** It is not heard any more, as far as its heartbeat tells. */
  readonly isDead: ReadonlySignal<boolean>
  /** It is dead and sends no data either: every value of it is old. */
  readonly isOld: ReadonlySignal<boolean>
}

/** The name of an instance as people and addresses write it: `MTMount:0`. */
export const instanceIdOf = (csc: string, index: number): string => `${csc}:${index}`

/** Creates the model of an instance of which nothing is known yet. */
export function createInstanceModel(
  csc: string,
  index: number,
  options: {
    readonly uncatalogued: boolean
    readonly judgement: ReadonlySignal<Judgement>
    /** Whether all last values of the site have come. */
    readonly isComplete: ReadonlySignal<boolean>
    /** What whoever is logged in may read of it. */
    readonly readable: ReadonlySignal<Readable>
  }
): InstanceModel {
  const summaryState = signal<number | undefined>(undefined)
  const heartbeatMs = signal<number | undefined>(undefined)
  const dataMs = signal<number | undefined>(undefined)
  const usualMs = signal<number | undefined>(undefined)
  const { uncatalogued, judgement, isComplete, readable } = options
  const evidence = (): Evidence => ({
    isComplete: isComplete.value,
    readable: readable.value,
    summaryState: summaryState.value,
    heartbeatMs: heartbeatMs.value,
    dataMs: dataMs.value,
    usualMs: usualMs.value,
    judgement: judgement.value
  })
  return {
    id: instanceIdOf(csc, index),
    csc,
    index,
    uncatalogued,
    summaryState,
    stateTime: signal(undefined),
    stateSaidTime: signal(undefined),
    heartbeatMs,
    dataMs,
    usualMs,
    error: signal(undefined),
    clockAheadSeconds: signal(0),
    clockWatch: createClockWatch(),
    judgement,
    condition: computed(() => conditionOf(evidence())),
    isDead: computed(() => isDead(evidence())),
    isOld: computed(() => isDead(evidence()) && isMissing(dataMs.value, judgement.value.asOfMs))
  }
}
