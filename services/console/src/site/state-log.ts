import { type ReadonlySignal, signal } from '@preact/signals'

/** One change of a summary state seen by this page. */
export interface StateChange {
  readonly id: string
  readonly before: number | undefined
  readonly after: number
  /** TAI seconds. */
  readonly time: number
}

/** The latest changes, newest first. */
export interface StateLog {
  readonly entries: ReadonlySignal<readonly StateChange[]>
  add(change: StateChange): void
}

/** As many as a wall display can show. */
const KEPT = 40

/** Creates an empty log, which keeps the newest 40 changes. */
export function createStateLog(): StateLog {
  const entries = signal<readonly StateChange[]>([])
  return {
    entries,
    add(change) {
      entries.value = [change, ...entries.peek()].slice(0, KEPT)
    }
  }
}
