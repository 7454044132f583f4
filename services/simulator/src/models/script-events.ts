import type { ModelContext } from '../model.ts'
import type { Tick } from '../tick.ts'
import { SCRIPT_STATE, type Script, type ScriptState } from './script.ts'
import { PLACES, type ScriptList } from './script-list.ts'

/** Paths of the standard scripts that a queue can run. */
export const standardScripts: readonly string[] = [
  'maintel/take_image_lsstcam.py',
  'maintel/track_target.py',
  'maintel/move_mount.py',
  'maintel/close_mirror_covers.py',
  'maintel/apply_dof.py',
  'auxtel/latiss_take_sequence.py',
  'auxtel/track_target.py',
  'set_summary_state.py',
  'sleep.py'
]
/** Paths of the scripts of the external repository, as `availableScripts` lists them. */
export const externalScripts: readonly string[] = [
  'maintel/make_lsstcam_calibrations.py',
  'auxtel/build_pointing_model.py'
]

/** State of a queue as its events publish it. */
interface QueueView extends ScriptList {
  readonly enabled: boolean
}

/** The queue's events about itself and its scripts. */
export interface ScriptEvents {
  queue(view: QueueView, how: { readonly at: Tick; readonly force: boolean }): void
  started(script: Script, at: Tick): void
  /** Publishes the `script` event when the state of a script changed. */
  follow(script: Script, at: Tick): void
  ended(script: Script, at: Tick): void
  show(script: Script, at: Tick): void
  nextVisit(script: Script, groupId: string, at: Tick): void
  schema(isStandard: boolean, path: string, at: Tick): void
}

interface Times {
  processStart: number
  configureStart: number
  configureEnd: number
  runStart: number
  processEnd: number
  shown: ScriptState
  commandId: number
}

/** Creates the publisher of a queue's events. */
export function createScriptEvents(context: ModelContext): ScriptEvents {
  const times = new Map<number, Times>()
  let commandId = 0

  const show = (script: Script, at: Tick): void => {
    const known = times.get(script.index)
    context
      .event('script')
      .force({ ...scriptFields(script, known), processState: processStateOf(script) }, at)
  }
  return {
    show,
    queue(view, { at, force }) {
      const values = {
        enabled: view.enabled,
        running: view.running,
        currentSalIndex: view.current?.index ?? 0,
        length: view.waiting.length,
        salIndices: padded(view.waiting),
        pastLength: view.past.length,
        pastSalIndices: padded(view.past)
      }
      const publisher = context.event('queue')
      force ? publisher.force(values, at) : publisher.put(values, at)
    },
    started(script, at) {
      times.set(script.index, {
        processStart: at.tai,
        configureStart: 0,
        configureEnd: 0,
        runStart: 0,
        processEnd: 0,
        shown: SCRIPT_STATE.UNKNOWN,
        commandId: ++commandId
      })
      show(script, at)
    },
    follow(script, at) {
      const known = times.get(script.index)
      if (known === undefined || known.shown === script.state()) return
      note(known, script.state(), at)
      show(script, at)
    },
    ended(script, at) {
      const known = times.get(script.index)
      if (known !== undefined) known.processEnd = at.tai
      show(script, at)
      if (known !== undefined && times.size > PLACES) times.delete(times.keys().next().value ?? 0)
    },
    nextVisit: (script, groupId, at) =>
      context.event('nextVisit').force(
        {
          scriptSalIndex: script.index,
          groupId,
          startTime: at.tai + 5,
          nimages: 1,
          instrument: 'LSSTCam',
          survey: 'simulated'
        },
        at
      ),
    schema: (isStandard, path, at) =>
      context.event('configSchema').force({ isStandard, path, configSchema: schemaOf(path) }, at)
  }
}

function note(times: Times, state: ScriptState, at: Tick): void {
  times.shown = state
  if (state === SCRIPT_STATE.UNCONFIGURED) times.configureStart = at.tai
  if (state === SCRIPT_STATE.CONFIGURED) times.configureEnd = at.tai
  if (state === SCRIPT_STATE.RUNNING && times.runStart === 0) times.runStart = at.tai
}

const scriptFields = (script: Script, times: Times | undefined): Record<string, unknown> => ({
  cmdId: times?.commandId ?? 0,
  scriptSalIndex: script.index,
  isStandard: script.request.isStandard,
  path: script.request.path,
  timestampProcessStart: times?.processStart ?? 0,
  timestampConfigureStart: times?.configureStart ?? 0,
  timestampConfigureEnd: times?.configureEnd ?? 0,
  timestampRunStart: times?.runStart ?? 0,
  timestampProcessEnd: times?.processEnd ?? 0,
  scriptState: script.state(),
  blockId: script.request.block,
  scriptBlockIndex: 0,
  blockSize: script.request.blockSize,
  executionId: script.request.executionId
})

// ScriptProcessState: loading 1, configured 2, running 3, done 4, load failed 5, configure failed 6,
// terminated 7.
function processStateOf(script: Script): number {
  const state = script.state()
  if (script.ended()) {
    if (state === SCRIPT_STATE.CONFIGURE_FAILED) return 6
    return state >= SCRIPT_STATE.DONE ? 4 : 7
  }
  if (state <= SCRIPT_STATE.UNCONFIGURED) return 1
  if (state === SCRIPT_STATE.CONFIGURED) return 2
  return state === SCRIPT_STATE.CONFIGURE_FAILED ? 6 : 3
}

const padded = (scripts: readonly Script[]): number[] =>
  Array.from({ length: PLACES }, (_, i) => scripts[i]?.index ?? 0)

const schemaOf = (path: string): string =>
  [
    '$schema: http://json-schema.org/draft-07/schema#',
    `title: ${path}`,
    'type: object',
    'properties:',
    '  duration:',
    '    description: seconds that each step takes',
    '    type: number',
    '    minimum: 0',
    'additionalProperties: true'
  ].join('\n')
