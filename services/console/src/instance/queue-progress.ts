import type { ComponentSpec } from '../catalogue.ts'
import { enumerationText } from '../format/enumeration.ts'
import type { QueueScript } from './queue-store.ts'

/** How far a running script is. */
export interface Progress {
  /** Seconds since it began to run; 0 before. */
  readonly elapsed: number
  /** 0 to 1, by its checkpoints or else by its expected duration; undefined where neither is known. */
  readonly share: number | undefined
  /** The same in words, with what it was expected to take. */
  readonly text: string
}

/** The progress of a script at `now`, TAI seconds. */
export function progressOf(script: QueueScript, now: number): Progress {
  const { runStart, expectedSeconds, checkpoint, checkpointsDone, checkpoints } = script
  const elapsed = runStart > 0 ? Math.max(0, now - runStart) : 0
  const byTime = expectedSeconds > 0 ? Math.min(1, elapsed / expectedSeconds) : undefined
  const share = checkpoints > 0 ? Math.min(1, checkpointsDone / checkpoints) : byTime
  const left = Math.round(expectedSeconds - elapsed)
  const leftText = left >= 0 ? `about ${left} s left` : `${-left} s longer than expected`
  const parts = [
    checkpoints > 0 ? `checkpoint ${checkpointsDone} of ${checkpoints}` : '',
    checkpoint,
    expectedSeconds > 0 ? leftText : ''
  ]
  return { elapsed, share, text: parts.filter(part => part !== '').join(' · ') }
}

/** SAL's states of a script that did not end well [docs/sal.md#script-queues]. */
const FAILED_SCRIPT = new Set([7, 10, 11])
const STOPPED_SCRIPT = new Set([6, 9])
const DONE_SCRIPT = 8
const RUNNING_SCRIPT = 3
/** What the queue's process of a script came to when the script itself could not say so. */
const FAILED_PROCESS = new Set([5, 6, 7])

/** Name of the shape that goes with a script's state. */
export function shapeOfScript({ scriptState, processState }: QueueScript): string {
  if (FAILED_SCRIPT.has(scriptState) || FAILED_PROCESS.has(processState)) return 'critical'
  if (STOPPED_SCRIPT.has(scriptState)) return 'warning'
  if (scriptState === DONE_SCRIPT) return 'done'
  return scriptState === RUNNING_SCRIPT ? 'going' : 'info'
}

/** The state of a script in the catalogue's words; before it has one, what the queue is doing with it. */
export function stateNameOf(
  { scriptState, processState }: QueueScript,
  names: ReadonlyArray<ComponentSpec | undefined>
): string {
  const [list, value] =
    scriptState === 0 || FAILED_PROCESS.has(processState)
      ? ['ScriptProcessState', processState]
      : ['ScriptState', scriptState]
  const enumeration = names.flatMap(spec => spec?.enumerations ?? []).find(({ name }) => name === list)
  return enumeration === undefined ? `state ${value}` : enumerationText(enumeration, value)
}
