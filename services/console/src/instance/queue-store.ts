import type { Update } from '@meridian/client'
import { QUEUE_STATE_CSC } from '@meridian/subjects'
import { type ReadonlySignal, signal } from '@preact/signals'

/** One script of a queue, as far as the panel shows it; times in TAI seconds, 0 where they are not reached. */
export interface QueueScript {
  readonly index: number
  readonly path: string
  readonly isStandard: boolean
  /** SAL's number of the script's own state. */
  readonly scriptState: number
  /** SAL's number of what the queue did with it. */
  readonly processState: number
  readonly runStart: number
  readonly processEnd: number
  /** As the script announced it, seconds; 0 where it did not. */
  readonly expectedSeconds: number
  readonly checkpoint: string
  readonly checkpointsDone: number
  readonly checkpoints: number
  readonly reason: string
}

/** What runs, what waits in its order, and what has ended, newest first. */
interface QueueScripts {
  readonly current: readonly QueueScript[]
  readonly waiting: readonly QueueScript[]
  readonly finished: readonly QueueScript[]
}

/** The queue of one page, reduced by its producer, which publishes it as events of `QUEUE_STATE_CSC`. */
export interface QueueStore {
  /** Undefined until it was heard: running is false for a paused queue. */
  readonly state: ReadonlySignal<{ readonly enabled: boolean; readonly running: boolean } | undefined>
  readonly scripts: ReadonlySignal<QueueScripts>
  /** Takes an event of the queue's reduced state; any other is left alone. */
  apply(update: Pick<Update, 'parts' | 'fields'>): void
}

type Fields = Readonly<Record<string, unknown>>

const numberOf = (value: unknown): number => (typeof value === 'number' ? value : 0)
const textOf = (value: unknown): string => (typeof value === 'string' ? value : '')

const scriptOf = (fields: Fields): QueueScript => ({
  index: numberOf(fields['scriptSalIndex']),
  path: textOf(fields['path']),
  isStandard: fields['isStandard'] === true,
  scriptState: numberOf(fields['scriptState']),
  processState: numberOf(fields['processState']),
  runStart: numberOf(fields['timestampRunStart']),
  processEnd: numberOf(fields['timestampProcessEnd']),
  expectedSeconds: numberOf(fields['expectedDuration']),
  checkpoint: textOf(fields['lastCheckpoint']),
  checkpointsDone: numberOf(fields['numCheckpoints']),
  checkpoints: numberOf(fields['totalCheckpoints']),
  reason: textOf(fields['reason'])
})

const scriptsOf = (value: unknown): readonly QueueScript[] =>
  Array.isArray(value)
    ? value.filter(one => typeof one === 'object' && one !== null).map(one => scriptOf(one as Fields))
    : []

/** Creates the store of a queue of which nothing was heard. */
export function createQueueStore(): QueueStore {
  const state = signal<{ readonly enabled: boolean; readonly running: boolean } | undefined>(undefined)
  const scripts = signal<QueueScripts>({ current: [], waiting: [], finished: [] })
  return {
    state,
    scripts,
    apply({ parts, fields }) {
      if (parts.csc !== QUEUE_STATE_CSC) return
      if (parts.topic === 'state')
        state.value = { enabled: fields['enabled'] === true, running: fields['running'] === true }
      if (parts.topic === 'scripts')
        scripts.value = {
          current: scriptsOf(fields['current']),
          waiting: scriptsOf(fields['waiting']),
          finished: scriptsOf(fields['finished'])
        }
    }
  }
}
